import type { Random } from '@nodekeeper/client';
import { checkOptions, isBoolean, isInteger, isNodeName, isText, oneOf, orNull } from '../foundation/checks.js';
import { type Place, RecipeError } from '../foundation/errors.js';
import { uuid } from '../foundation/unique-id.js';
import { fillTemplate, uriParts } from './uri-spec.js';

/** Curator's types of a service. The node of the first two is ephemeral, that of the others is persistent. */
export const serviceTypes = ['DYNAMIC', 'DYNAMIC_SEQUENTIAL', 'STATIC', 'PERMANENT'] as const;

/**
 * The type of a service: `DYNAMIC` ends with the session, and so does `DYNAMIC_SEQUENTIAL`, whose node has a number
 * after its id. `STATIC` and `PERMANENT` stay until a client unregisters them.
 */
export type ServiceType = (typeof serviceTypes)[number];

/** An instance of a service, with the fields of Curator's class of this name. */
export interface ServiceInstance<Payload = unknown> {
  /** The name of the service. */
  readonly name: string;
  /** The id of the instance. It is unique in its service. */
  readonly id: string;
  readonly address: string | null;
  readonly port: number | null;
  readonly sslPort: number | null;
  /** Any value that JSON can represent. */
  readonly payload: Payload | null;
  /** The Java class of an object or an array as payload; null if the payload is neither. */
  readonly payloadClass: string | null;
  /** The time of the registration, in milliseconds since 1970, on the clock of the registering machine. */
  readonly registrationTimeUTC: number;
  readonly serviceType: ServiceType;
  /** A template such as `{scheme}://{address}:{port}`. The function `serviceUri` replaces its variables. */
  readonly uriSpec: string | null;
  /** False if the instance must not get requests at present. */
  readonly enabled: boolean;
}

/** A new instance: a name, and the fields that differ from their defaults. The id is random by default. */
export type NewServiceInstance<Payload = unknown> = Partial<ServiceInstance<Payload>> &
  Pick<ServiceInstance<Payload>, 'name'>;

const isPort = orNull(isInteger(0, 65_535));
const instanceChecks = {
  name: isNodeName,
  id: isNodeName,
  address: orNull(isText),
  port: isPort,
  sslPort: isPort,
  payload: () => undefined,
  payloadClass: orNull(isText),
  registrationTimeUTC: isInteger(0),
  serviceType: oneOf(...serviceTypes),
  uriSpec: orNull(isText),
  enabled: isBoolean,
};

/**
 * Returns the instance with all its fields.
 *
 * @throws `BADARGUMENTS`
 */
export function completeInstance<Payload>(
  place: Place,
  given: NewServiceInstance<Payload>,
  random: Random,
  nowMs: () => number,
): ServiceInstance<Payload> {
  checkOptions(place, given, instanceChecks);
  if (given.name === undefined) throw new RecipeError('BADARGUMENTS', place, 'the instance must have a name');
  if (typeof given.uriSpec === 'string' && uriParts(given.uriSpec) === undefined) {
    throw new RecipeError('BADARGUMENTS', place, `uriSpec ${given.uriSpec} has a variable without a closing brace`);
  }
  return {
    name: given.name,
    id: given.id ?? uuid(random),
    address: given.address ?? null,
    port: given.port ?? null,
    sslPort: given.sslPort ?? null,
    payload: given.payload ?? null,
    payloadClass: given.payloadClass ?? null,
    registrationTimeUTC: given.registrationTimeUTC ?? nowMs(),
    serviceType: given.serviceType ?? 'DYNAMIC',
    uriSpec: given.uriSpec ?? null,
    enabled: given.enabled ?? true,
  };
}

/**
 * Returns the URI of an instance: its `uriSpec` with the values of the variables. The variables are `scheme` (`https` if
 * there is an `sslPort`, otherwise `http`), `name`, `id`, `address`, `port`, `ssl-port`, `registration-time-utc`,
 * `service-type`, and those in `variables`. `{[}` and `{]}` are braces.
 *
 * @param variables values that the template needs in addition, or that replace the values of the instance
 */
export function serviceUri(instance: ServiceInstance, variables: Readonly<Record<string, unknown>> = {}): string {
  return fillTemplate(instance.uriSpec ?? '', {
    scheme: instance.sslPort === null ? 'http' : 'https',
    name: instance.name,
    id: instance.id,
    address: instance.address,
    port: instance.port,
    'ssl-port': instance.sslPort,
    'registration-time-utc': instance.registrationTimeUTC,
    'service-type': instance.serviceType.toLowerCase(),
    ...variables,
  });
}
