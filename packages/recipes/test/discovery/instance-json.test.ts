import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeInstance, encodeInstance } from '../../src/discovery/instance-json.js';
import { completeInstance } from '../../src/discovery/service-instance.js';
import { fillTemplate, uriParts, uriTemplate } from '../../src/discovery/uri-spec.js';
import { type NewServiceInstance, RecipeError, type ServiceInstance, serviceUri } from '../../src/index.js';

const place = { recipe: 'ServiceRegistry', path: '/services' };
const same = (payload: unknown) => payload;
const vectorsFile = new URL('../../../test/discovery/testdata/instance-vectors.jsonl', import.meta.url);
const vectors = readFileSync(vectorsFile, 'utf8').trim().split('\n');

function instanceOf(fields: Partial<NewServiceInstance> = {}): ServiceInstance {
  const given = { name: 'api', id: 'one', address: '10.0.0.1', registrationTimeUTC: 1_700_000_000_000, ...fields };
  return completeInstance(place, given, Math.random, () => assert.fail('the time was given'));
}

/** The instances of testdata/InstanceVectors.java, in its order. */
const instances = [
  instanceOf({ port: 8080 }),
  instanceOf({
    port: 8080,
    sslPort: 8443,
    payload: 'text',
    serviceType: 'STATIC',
    uriSpec: '{scheme}://{address}:{port}/{[}{id}{]}',
  }),
  instanceOf({ payload: { weight: 3 }, serviceType: 'PERMANENT' }),
  instanceOf({
    payload: { zone: 'a', weight: 3 },
    payloadClass: 'InstanceVectors$Details',
    serviceType: 'DYNAMIC_SEQUENTIAL',
  }),
  instanceOf({ payload: [1, 'x'] }),
  instanceOf({ payload: 5 }),
  instanceOf({ payload: true }),
  instanceOf({ enabled: false }),
];

test('the data of a node is byte for byte what Curator writes', () => {
  assert.equal(vectors.length, instances.length);
  instances.forEach((instance, index) => {
    assert.equal(encodeInstance(instance, place), vectors[index]);
  });
});

test('an instance that Curator wrote has the fields of the Java object', () => {
  const classes = [null, null, 'java.util.LinkedHashMap', 'InstanceVectors$Details', 'java.util.ArrayList'];
  vectors.forEach((vector, index) => {
    const expected = { ...instances[index]!, payloadClass: classes[index] ?? null };
    assert.deepEqual(decodeInstance(Buffer.from(vector), same), expected);
  });
});

test('fields that are missing have the defaults of Curator', () => {
  const read = decodeInstance(Buffer.from('{"name":"api","id":"x","more":1}'), same);
  assert.deepEqual(read, {
    ...{ name: 'api', id: 'x', address: null, port: null, sslPort: null, payload: null, payloadClass: null },
    ...{ registrationTimeUTC: 0, serviceType: 'DYNAMIC', uriSpec: null, enabled: true },
  });
});

test('data that is not an instance is refused with the reason', () => {
  const bad: [string | null, RegExp][] = [
    [null, /JSON/],
    ['', /JSON/],
    ['nonsense', /JSON/],
    ['[1]', /name is not a text/],
    ['7', /not an object/],
    ['{"id":"x"}', /name is not a text/],
    ['{"name":"api","id":7}', /id is not a text/],
    ['{"name":"api","id":"x","port":"80"}', /port is not an integer/],
    ['{"name":"api","id":"x","serviceType":"OTHER"}', /serviceType OTHER is unknown/],
    ['{"name":"api","id":"x","uriSpec":{"parts":[null]}}', /uriSpec has no list of parts/],
    ['{"name":"api","id":"x","uriSpec":"http"}', /uriSpec has no list of parts/],
  ];
  for (const [data, message] of bad) {
    assert.throws(() => decodeInstance(data === null ? null : Buffer.from(data), same), { message });
  }
  assert.throws(() => decodeInstance(Uint8Array.of(0xff, 0xfe), same), TypeError);
});

test('a payload that JSON cannot represent is refused', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const payload of [cycle, 1n, () => 1]) {
    assert.throws(
      () => encodeInstance(instanceOf({ payload }), place),
      (error) => RecipeError.is(error, 'BADARGUMENTS'),
    );
  }
});

test('the template of a URI has the variables of Curator', () => {
  const template = '{scheme}://{address}:{port}/{name}/{id}/{registration-time-utc}/{service-type}/{ssl-port}';
  const instance = instanceOf({ uriSpec: template, port: 8080, sslPort: 8443 });
  assert.equal(serviceUri(instance), 'https://10.0.0.1:8080/api/one/1700000000000/dynamic/8443');
  assert.equal(serviceUri(instanceOf({ uriSpec: '{scheme}:{port}/{q}' }), { q: 'z' }), 'http:/z');
  assert.equal(serviceUri(instanceOf()), '');
  assert.equal(fillTemplate('{ a }x{[}y{]}{missing}{}', { a: 1 }), '1x{y}');
  assert.equal(uriParts('a{scheme'), undefined);
  assert.equal(uriTemplate([{ value: 'a{b}', variable: false }]), 'a{[}b{]}');
});

test('an instance with a wrong field is refused', () => {
  const bad: [object, RegExp][] = [
    [{ name: undefined }, /must have a name/],
    [{ name: 'a/b' }, /name must be a text without a slash/],
    [{ id: '' }, /id must be a text without a slash/],
    [{ port: 70_000 }, /port must be an integer from 0 to 65535 or null/],
    [{ uriSpec: 'a{b' }, /without a closing brace/],
    [{ serviceType: 'OTHER' }, /serviceType must be one of DYNAMIC/],
    [{ enabled: 1 }, /enabled must be true or false/],
    [{ weight: 1 }, /there is no option weight/],
  ];
  for (const [fields, message] of bad) assert.throws(() => instanceOf(fields), { code: 'BADARGUMENTS', message });
});
