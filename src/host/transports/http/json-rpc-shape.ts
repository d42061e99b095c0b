/**
 * What a parsed body is in JSON-RPC. As strict as the SDK's guards, on purpose: a message that those do not
 * recognise is dropped in the runner without an answer, so it must be refused here.
 */

export type JsonObject = Record<string, unknown>;
export type Shape = 'request' | 'notification' | 'response';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Strings and integers that survive a round trip through a double. */
const isId = (value: unknown): boolean => typeof value === 'string' || Number.isSafeInteger(value);

/** undefined: no JSON-RPC message. Unknown members make it none. */
export function shapeOf(value: unknown): Shape | undefined {
  if (!isObject(value) || value.jsonrpc !== '2.0') return undefined;
  let hasId = false;
  let hasMethod = false;
  let hasParams = false;
  let hasResult = false;
  let hasError = false;
  for (const key in value) {
    switch (key) {
      case 'jsonrpc':
        break;
      case 'id':
        hasId = true;
        break;
      case 'method':
        hasMethod = true;
        break;
      case 'params':
        hasParams = true;
        break;
      case 'result':
        hasResult = true;
        break;
      case 'error':
        hasError = true;
        break;
      default:
        return undefined;
    }
  }
  if (hasId && !isId(value.id)) return undefined;
  if (hasMethod) {
    if (hasResult || hasError || typeof value.method !== 'string') return undefined;
    if (hasParams && !isParams(value.params)) return undefined;
    return hasId ? 'request' : 'notification';
  }
  if (hasParams || hasResult === hasError) return undefined;
  if (hasResult) return hasId && isResult(value.result) ? 'response' : undefined;
  return isError(value.error) ? 'response' : undefined;
}

function isParams(params: unknown): boolean {
  if (!isObject(params)) return false;
  const meta = params._meta;
  return meta === undefined || isMeta(meta);
}

const RELATED_TASK = 'io.modelcontextprotocol/related-task';

function isMeta(meta: unknown): boolean {
  if (!isObject(meta)) return false;
  const { progressToken } = meta;
  if (progressToken !== undefined && !isId(progressToken)) return false;
  const task = meta[RELATED_TASK];
  return task === undefined || (isObject(task) && typeof task.taskId === 'string');
}

const isResult = (result: unknown): boolean =>
  isObject(result) && (result._meta === undefined || isObject(result._meta));

const isError = (error: unknown): boolean =>
  isObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string';
