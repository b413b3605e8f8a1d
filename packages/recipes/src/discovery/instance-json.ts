import { type Place, RecipeError } from '../foundation/errors.js';
import { type ServiceInstance, serviceTypes } from './service-instance.js';
import { type UriPart, uriParts, uriTemplate } from './uri-spec.js';

// The JSON of Curator's JsonInstanceSerializer. test/discovery/testdata has output of the Java class.

/** Jackson's names for a payload of an object and of an array, when the program has given no other. */
const classes = { object: 'java.util.LinkedHashMap', array: 'java.util.ArrayList' } as const;

/**
 * Returns the data of an instance's node.
 *
 * @throws `BADARGUMENTS` if JSON cannot represent the payload
 */
export function encodeInstance(instance: ServiceInstance, place: Place): string {
  const { name, id, address, port, sslPort, registrationTimeUTC, serviceType, uriSpec, enabled } = instance;
  return JSON.stringify({
    name,
    id,
    address,
    port,
    sslPort,
    payload: typedPayload(instance, place),
    registrationTimeUTC,
    serviceType,
    uriSpec: uriSpec === null ? null : { parts: uriParts(uriSpec) ?? [] },
    // readers before Curator 4 refuse this field, and a missing field means true
    ...(enabled ? {} : { enabled }),
  });
}

/** Objects and arrays carry the name of their Java class, in the two forms of Jackson. */
function typedPayload({ payload, payloadClass }: ServiceInstance, place: Place): unknown {
  const plain = plainJson(payload, place);
  if (Array.isArray(plain)) return [payloadClass ?? classes.array, plain];
  if (typeof plain !== 'object' || plain === null) return plain;
  return { '@class': payloadClass ?? classes.object, ...plain };
}

function plainJson(payload: unknown, place: Place): unknown {
  try {
    return JSON.parse(JSON.stringify(payload));
  } catch (error) {
    throw new RecipeError('BADARGUMENTS', place, 'JSON cannot represent the payload', error);
  }
}

/**
 * Returns the instance of a node's data.
 *
 * @param parsePayload converts the payload; if it throws, so does this function
 * @throws an error that says what is wrong with the data
 */
export function decodeInstance<Payload>(
  data: Uint8Array | null,
  parsePayload: (payload: unknown) => Payload,
): ServiceInstance<Payload> {
  const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data ?? new Uint8Array()));
  if (typeof json !== 'object' || json === null) throw new TypeError('the data is not an object');
  const fields = json as Record<string, unknown>;
  const { payload, payloadClass } = untypedPayload(fields.payload ?? null);
  return {
    name: text(fields, 'name'),
    id: text(fields, 'id'),
    address: optional(fields, 'address', text),
    port: optional(fields, 'port', integer),
    sslPort: optional(fields, 'sslPort', integer),
    payload: payload === null ? null : parsePayload(payload),
    payloadClass,
    registrationTimeUTC: optional(fields, 'registrationTimeUTC', integer) ?? 0,
    serviceType: serviceTypeOf(fields.serviceType),
    uriSpec: optional(fields, 'uriSpec', template),
    enabled: fields.enabled !== false,
  };
}

/** Returns the error for a node whose data is not an instance. */
export function invalidNode(path: string, place: Place, cause: unknown): RecipeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RecipeError('BAD_NODE', place, `${path} is not an instance of a service: ${reason}`, cause);
}

function untypedPayload(typed: unknown): { payload: unknown; payloadClass: string | null } {
  if (Array.isArray(typed)) {
    const isTyped = typed.length === 2 && typeof typed[0] === 'string';
    return isTyped ? { payload: typed[1], payloadClass: typed[0] } : { payload: typed, payloadClass: null };
  }
  if (typeof typed !== 'object' || typed === null) return { payload: typed, payloadClass: null };
  const { '@class': payloadClass, ...payload } = typed as Record<string, unknown>;
  return typeof payloadClass === 'string' ? { payload, payloadClass } : { payload: typed, payloadClass: null };
}

function optional<Value>(
  fields: Record<string, unknown>,
  name: string,
  read: (fields: Record<string, unknown>, name: string) => Value,
): Value | null {
  return fields[name] === undefined || fields[name] === null ? null : read(fields, name);
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is not a text`);
  return value;
}

function integer(fields: Record<string, unknown>, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} is not an integer`);
  return value as number;
}

function template(fields: Record<string, unknown>): string {
  const { parts } = fields.uriSpec as { parts?: unknown };
  const isPart = (part: UriPart | null) => typeof part?.value === 'string' && typeof part.variable === 'boolean';
  if (!Array.isArray(parts) || !parts.every(isPart)) throw new TypeError('uriSpec has no list of parts');
  return uriTemplate(parts as UriPart[]);
}

function serviceTypeOf(value: unknown): ServiceInstance['serviceType'] {
  const type = value ?? 'DYNAMIC';
  const found = serviceTypes.find((each) => each === type);
  if (found === undefined) throw new TypeError(`serviceType ${String(value)} is unknown`);
  return found;
}
