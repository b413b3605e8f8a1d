/** The package entry `@nodekeeper/recipes/nest`. */
import { ZooKeeper } from '@nodekeeper/client';
import { ServiceRegistry } from '../discovery/service-registry.js';
import { type ConnectionOptions, openClient } from './connection.js';
import { SelfRegistration, type SelfRegistrationOptions } from './self-registration.js';

export type { ConnectionOptions } from './connection.js';
export type { SelfRegistrationOptions } from './self-registration.js';

/** Options of `ZooKeeperModule`. */
export interface ZooKeeperModuleOptions extends ConnectionOptions {
  /** Registers this application at its start. The port must be given, because Nest starts before it listens. */
  readonly service?: SelfRegistrationOptions;
}

/** How `ZooKeeperModule.forRootAsync` gets its options, for example from a `ConfigService`. */
export interface ZooKeeperModuleAsyncOptions<Import, Token> {
  readonly imports?: Import[];
  /** The tokens of the arguments of `useFactory`. */
  readonly inject?: Token[];
  readonly useFactory: (...injected: never[]) => ZooKeeperModuleOptions | Promise<ZooKeeperModuleOptions>;
}

/** The part of Nest's `FactoryProvider` that this module uses. */
export interface FactoryProviderLike<Token> {
  provide: OwnToken;
  useFactory: (...injected: unknown[]) => unknown;
  inject: (OwnToken | Token)[];
}

/** The part of Nest's `DynamicModule` that this module uses. */
export interface DynamicModuleLike<Import, Token> {
  module: typeof ZooKeeperModule;
  global: true;
  imports: Import[];
  providers: FactoryProviderLike<Token>[];
  exports: OwnToken[];
}

type OwnToken = symbol | typeof ZooKeeper | typeof ServiceRegistry;

/** The connection of an application. Nest calls the methods whose names it knows. */
class Connection {
  readonly zk: ZooKeeper;
  readonly registration: SelfRegistration | undefined;
  readonly #close: () => Promise<void>;

  private constructor(zk: ZooKeeper, close: () => Promise<void>, service: SelfRegistrationOptions | undefined) {
    this.zk = zk;
    this.#close = close;
    this.registration = service && new SelfRegistration(zk, service);
  }

  static async open({ service, ...connection }: ZooKeeperModuleOptions): Promise<Connection> {
    const { zk, close } = await openClient(connection);
    return new Connection(zk, close, service);
  }

  onApplicationBootstrap(): Promise<void> | undefined {
    return this.registration?.register();
  }

  /** Nest calls this before it closes the server. */
  onModuleDestroy(): Promise<void> | undefined {
    return this.registration?.drain();
  }

  /** Nest calls this after it has closed the server. */
  onApplicationShutdown(): Promise<void> {
    return this.#close();
  }
}

const optionsToken = Symbol('ZooKeeperModuleOptions');
const connectionToken = Symbol('ZooKeeperConnection');

/**
 * The NestJS module. It provides the client under the token `ZooKeeper`, its class. With the option `service` it
 * registers the application, and provides the registry under the token `ServiceRegistry`. A closing application first
 * unregisters, then serves the last requests, then closes the client. Call `app.enableShutdownHooks()` for signals.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest identifies a module by its class
export class ZooKeeperModule {
  static forRoot(options: ZooKeeperModuleOptions = {}): DynamicModuleLike<never, never> {
    return ZooKeeperModule.forRootAsync({ useFactory: () => options });
  }

  static forRootAsync<Import = never, Token = never>({
    imports = [],
    inject = [],
    useFactory,
  }: ZooKeeperModuleAsyncOptions<Import, Token>): DynamicModuleLike<Import, Token> {
    const ofConnection = <Value>(read: (connection: Connection) => Value) => ({
      useFactory: (connection: unknown) => read(connection as Connection),
      inject: [connectionToken],
    });
    return {
      module: ZooKeeperModule,
      global: true,
      imports,
      providers: [
        { provide: optionsToken, useFactory: (...injected) => useFactory(...(injected as never[])), inject },
        {
          provide: connectionToken,
          useFactory: (options) => Connection.open(options as ZooKeeperModuleOptions),
          inject: [optionsToken],
        },
        { provide: ZooKeeper, ...ofConnection(({ zk }) => zk) },
        { provide: ServiceRegistry, ...ofConnection(({ registration }) => registration?.registry) },
      ],
      exports: [ZooKeeper, ServiceRegistry],
    };
  }
}
