import { sessionIdHex, zxidHex } from '@nodekeeper/protocol';
import { durableState } from '../../src/testing/durable-state.js';
import { childNames } from '../support/child-names.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';
import { LinkTrace } from './link-trace.js';
import { ScenarioClient } from './scenario-client.js';
import { roleOf, Trace } from './trace.js';
import { UsageError } from './usage.js';

type EnsembleOptions = ConstructorParameters<typeof TestEnsemble>[1];

/**
 * The ensemble of a scenario, its clients and its trace. The methods throw `UsageError` for an unknown server or
 * client.
 */
export class Scenario {
  #parts: { readonly ensemble: TestEnsemble; readonly trace: Trace; readonly links: LinkTrace } | undefined;
  readonly #clients = new Map<string, ScenarioClient>();
  readonly #sessionNames = new Map<bigint, string>();
  /** The name of the client that is opening a session. Empty if no client is opening one. */
  #connecting = '';

  /** Creates the ensemble without starting a server. */
  create(size: number, options: EnsembleOptions, showsPings: boolean): void {
    if (this.#parts !== undefined) throw new UsageError('there is an ensemble already');
    const ensemble = new TestEnsemble(size, options);
    const trace = new Trace(ensemble);
    const add = (line: string) => trace.add(line);
    const links = new LinkTrace(ensemble.peers, add, (sessionId) => this.#sessionText(sessionId));
    links.showsPings = showsPings;
    ensemble.peers.tap = links;
    this.#parts = { ensemble, trace, links };
  }

  get #made() {
    if (this.#parts === undefined) throw new UsageError('there is no ensemble yet');
    return this.#parts;
  }

  get ensemble(): TestEnsemble {
    return this.#made.ensemble;
  }

  get trace(): Trace {
    return this.#made.trace;
  }

  get links(): LinkTrace {
    return this.#made.links;
  }

  member(id: number): TestMember {
    const { members } = this.ensemble;
    if (id > members.length) throw new UsageError(`the ensemble has the servers 1 to ${members.length}`);
    return members[id - 1]!;
  }

  running(id: number): TestMember {
    const member = this.member(id);
    if (!member.isUp) throw new UsageError(`server ${id} is not running`);
    return member;
  }

  start(id: number): void {
    if (this.member(id).isUp) throw new UsageError(`server ${id} is running already`);
    this.member(id).start();
    this.trace.started(id);
  }

  /** A server loses power. Its unsynced data is lost, and so are the packets in flight from and to this server. */
  crash(id: number): void {
    const member = this.running(id);
    for (const { name } of this.ensemble.members)
      if (name !== member.name) this.ensemble.peers.reset(member.name, name);
    member.crash(() => 0);
  }

  // ---- clients

  /** Returns a client that is connected. */
  client(name: string): ScenarioClient {
    const client = this.#clients.get(name);
    if (client === undefined) throw new UsageError(`there is no client ${name} yet`);
    if (!client.isConnected) throw new UsageError(`client ${name} is not connected`);
    return client;
  }

  connect(name: string, id: number): void {
    if (this.#clients.has(name))
      throw new UsageError(`there is a client ${name} already; "reconnect" resumes its session`);
    const member = this.running(id);
    const client = new ScenarioClient(name, (line) => this.trace.add(line));
    this.#clients.set(name, client);
    this.#connecting = name;
    client.connect(member);
  }

  reconnect(name: string, id: number): void {
    const client = this.#clients.get(name);
    if (client === undefined || !client.hasSession) throw new UsageError(`client ${name} has no session`);
    client.connect(this.running(id));
  }

  #sessionText(sessionId: bigint): string {
    const known = this.#sessionNames.get(sessionId);
    if (known !== undefined) return known;
    const text = this.#connecting === '' ? sessionIdHex(sessionId) : this.#connecting;
    this.#sessionNames.set(sessionId, text);
    this.#connecting = '';
    return text;
  }
}

/** Describes a server in one line: role, epochs, the last zxid on disk and in memory, and the znodes. */
export function statusOf(member: TestMember): string {
  const { name, disk, isUp } = member;
  if (!isUp) return `${name} is down`;
  const { acceptedEpoch, currentEpoch, lastZxid } = durableState(disk);
  const applied = zxidHex(member.replica.lastZxid);
  const epochs = `acceptedEpoch=${acceptedEpoch} currentEpoch=${currentEpoch}`;
  return `${name} ${roleOf(member)} ${epochs} durable=${zxidHex(lastZxid)} applied=${applied} ${znodes(member)}`;
}

function znodes({ database: { tree } }: TestMember): string {
  const names = childNames(tree, tree.root).filter((name) => name !== 'zookeeper');
  const texts = names.toSorted().map((name) => `/${name}=${tree.dataOf(tree.findPath(`/${name}`))}`);
  return texts.length === 0 ? 'no znodes' : texts.join(' ');
}
