import { type RecipeError, type ServiceInstance, ServiceProvider, ServiceRegistry } from '@nodekeeper/recipes';
import type { Model } from '../checks/model.js';
import type { RecipeRow } from './table.js';

const pauseMs = 2000;
const service = 'api';

function text(instances: readonly { readonly id: string; readonly port: number | null }[]): string {
  return instances
    .map(({ id, port }) => `${id}:${port}`)
    .sort()
    .join(', ');
}

/** The registered instances, as the tree has them now. */
function registered(model: Model, parent: string): string {
  const instances = [...model.paths].flatMap((path) => {
    const node = path.startsWith(`${parent}/`) ? model.at(path, model.lastZxid) : undefined;
    return node === undefined ? [] : [JSON.parse(node.data) as ServiceInstance];
  });
  return text(instances);
}

/** Each program is an instance of a service, and follows all instances of it. */
export const discovery: RecipeRow = {
  name: 'ServiceProvider',
  keeps: (name) => name === 'services' || name === `services/${service}`,
  open: ({ path, model }) => ({
    join: (program, zk) => {
      const root = `${path}/services`;
      const registry = new ServiceRegistry(zk, root, { nowMs: () => 0 });
      let provider: ServiceProvider | undefined;
      const problem = (error: RecipeError) => program.check(false, 'ErrorsAreTrue', () => `is told ${error.stack}`);
      registry.on('error', program.recipeEnded);
      registry.on('lost', (_instance, error) => problem(error));
      const start = async () => {
        const opened = new ServiceProvider(zk, root, service);
        opened.on('error', program.recipeEnded);
        opened.on('invalid', problem);
        await opened.start({ signal: program.patience() });
        provider = opened;
      };
      let isRegistered = false;
      let port = 0;
      return {
        round: async () => {
          if (provider === undefined) await start();
          const options = { signal: program.patience() };
          const instance = { name: service, id: program.name, port: ++port };
          if (isRegistered) await registry.update(instance, options);
          else await registry.register(instance, options);
          isRegistered = true;
          for await (const instances of provider!) {
            if (instances.find(({ id }) => id === program.name)?.port === port) break;
          }
          if (program.random() < 0.3) {
            await registry.unregister(instance);
            isRegistered = false;
          }
          await program.sleep(program.random() * pauseMs);
          return true;
        },
        atRest: () => {
          if (provider === undefined) return;
          const [shown, actual] = [text(provider.instances), registered(model, `${root}/${service}`)];
          program.check(shown === actual, 'Convergence', () => `shows ${shown}, but ${actual} are registered`);
        },
        close: async () => {
          await registry.close();
          await provider?.close();
        },
      };
    },
  }),
};
