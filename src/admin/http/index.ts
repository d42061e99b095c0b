export { type AdminHttp, type AdminHttpOptions, type Probe, startAdminHttp } from './admin-http.ts';
