import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientOptions } from '@nodekeeper/client';
import { Failure } from '../failure.js';
import { parseProperties } from '../parse/properties.js';

const invalidInvocation = 2;

type Properties = ReadonlyMap<string, string>;

/**
 * Reads the file of the option `-client-configuration`. The file has properties of ZooKeeper's Java client. Properties
 * that do not apply to nodekeeper's client are ignored.
 */
export function readClientConfiguration(path: string): ClientOptions {
  const properties = parseProperties(readText(path));
  const isSecure = properties.get('zookeeper.client.secure')?.trim().toLowerCase() === 'true';
  const requestTimeoutMs = numberOf(properties, 'zookeeper.request.timeout', path);
  const sizeMax = numberOf(properties, 'jute.maxbuffer', path);
  return {
    ...(isSecure ? { tls: tlsOptions(properties) } : {}),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    ...(sizeMax === undefined ? {} : { requestSizeMax: sizeMax, replySizeMax: sizeMax }),
  };
}

function tlsOptions(properties: Properties): ConnectionOptions {
  const ciphers = properties.get('zookeeper.ssl.ciphersuites')?.replaceAll(',', ':');
  return {
    ...keyOptions(properties),
    ...trustOptions(properties),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(properties.get('zookeeper.ssl.hostnameVerification') === 'false'
      ? { checkServerIdentity: () => undefined }
      : {}),
  };
}

/** The options for the client's own key and certificates, which are in a PEM file or a PKCS 12 file. */
function keyOptions(properties: Properties): ConnectionOptions {
  const store = readStore(properties, 'keyStore');
  if (store === undefined) return {};
  const { bytes, type, password: passphrase } = store;
  const secret = passphrase === undefined ? {} : { passphrase };
  return type === 'PEM' ? { key: bytes, cert: bytes, ...secret } : { pfx: bytes, ...secret };
}

/** The option for the trusted certificates, which are in a PEM file. */
function trustOptions(properties: Properties): ConnectionOptions {
  const store = readStore(properties, 'trustStore');
  if (store === undefined) return {};
  if (store.type === 'PEM') return { ca: store.bytes };
  throw new Failure(
    `${store.path} is a trust store of type ${store.type}, which zkcli cannot read. Convert it to a PEM file: ` +
      `keytool -list -rfc -keystore ${store.path} > trusted.pem`,
    invalidInvocation,
  );
}

interface Store {
  path: string;
  type: string;
  bytes: Buffer;
  password: string | undefined;
}

function readStore(properties: Properties, name: 'keyStore' | 'trustStore'): Store | undefined {
  const prefix = `zookeeper.ssl.${name}`;
  const path = properties.get(`${prefix}.location`);
  if (path === undefined) return undefined;
  const type = (properties.get(`${prefix}.type`) || typeByName(path)).toUpperCase();
  if (type !== 'PEM' && type !== 'PKCS12') {
    throw new Failure(`${path} is of type ${type}; zkcli reads PEM and PKCS12 (set ${prefix}.type)`, invalidInvocation);
  }
  const passwordPath = properties.get(`${prefix}.passwordPath`);
  const password = passwordPath ? readText(passwordPath).trimEnd() : properties.get(`${prefix}.password`);
  return { path, type, bytes: readBytes(path), password };
}

function typeByName(path: string): string {
  const endings: Record<string, string> = { pem: 'PEM', p12: 'PKCS12', pfx: 'PKCS12' };
  return endings[path.split('.').at(-1)!] ?? 'JKS';
}

function numberOf(properties: Properties, key: string, path: string): number | undefined {
  const text = properties.get(key)?.trim();
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isInteger(value)) return value;
  throw new Failure(`${path}: ${key} is ${text}, which is not a whole number`, invalidInvocation);
}

function readText(path: string): string {
  return readBytes(path).toString('utf8');
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Failure(`Error while processing ${path}: ${(error as Error).message}`, invalidInvocation);
  }
}
