export { HTTP_LIMITS, type HttpLimits, type HttpLog, type HttpOptions } from './options.ts';
export { type HttpTransport, startHttp } from './start-http.ts';
