// Checks that every exported name is imported by another file. A name that only its own file uses must not be exported,
// and a name that no file uses must be deleted.
import { isTest, packageEntries, shortPath } from './modules.mjs';

/**
 * Files whose exports need no importer in this repository: generated code, the generator with its templates, programs
 * that users copy, and programs that tests only compile.
 */
const exempt = ['packages/protocol/src/codecs.gen.ts', 'packages/protocol/scripts/', 'examples/', 'interop/consumers/'];

/** Exported functions that Node.js calls. */
const calledByNode = { 'packages/simulator/src/mutants/loader.ts': ['initialize', 'load'] };

/** Exports that only tests import: parts that are tested separately, and types or numbers that tests need. */
const forTests = {
  'packages/server/src/admin/four-letter-words.ts': ['fourLetterWords'],
  'packages/server/src/auth/providers.ts': ['digestId'],
  'packages/server/src/checksum/adler32.ts': ['adler32InScript'],
  'packages/server/src/checksum/crc32.ts': ['crc32InScript'],
  'packages/server/src/cli/generate-docs.ts': ['configurationDocPath'],
  'packages/server/src/config/load-config.ts': ['ConfigSources'],
  'packages/server/src/config/membership.ts': ['versionOfFileName'],
  'packages/server/src/log/create-logger.ts': ['LogFormat', 'LogLevel'],
  'packages/server/src/tree/blob-store.ts': ['noBlob', 'slabBytes'],
  'packages/server/src/zab/election.ts': ['ElectionSink'],
  'packages/server/src/zab/epoch-promises.ts': ['nearEpochs'],
  'packages/client/src/core/watch-registry.ts': ['watchKinds'],
  'packages/simulator/src/mutants/loader.ts': ['applied'],
  'packages/simulator/src/mutants/run.ts': ['judge'],
  'bench/src/clients/burst.ts': ['BurstRow'],
  'bench/src/clients/footprint.ts': ['packageFolders'],
  'bench/src/clients/report.ts': ['growth'],
  'bench/src/profile.ts': ['topFunctions'],
  'bench/src/report.ts': ['baselineTable', 'measurementTable', 'ratioTable'],
  'bench/src/rows.ts': ['rows'],
  'chaos/src/history/operations.ts': ['OperationKind'],
  'interop/src/client-behaviour/runner.ts': ['superDigest'],
};

/** Returns the faults, each as a line of text. */
export function exportFaults(modules) {
  const importers = importersOf(modules);
  const listed = new Set(Object.entries(forTests).flatMap(([file, names]) => names.map((name) => `${file} ${name}`)));
  const faults = [];
  for (const { path, exports } of modules.values()) {
    const file = shortPath(path);
    if (exempt.some((prefix) => file.startsWith(prefix))) continue;
    for (const { name } of exports) {
      if (calledByNode[file]?.includes(name)) continue;
      const users = importers.get(`${path} ${name}`) ?? [];
      const isListed = listed.delete(`${file} ${name}`);
      const isForTests = !isTest(path) && users.every(isTest);
      if (users.length === 0) faults.push(`${file}: exports ${name}, which no other file imports`);
      else if (isForTests && !isListed)
        faults.push(`${file}: only tests import ${name}; list it in scripts/exports.mjs`);
      else if (isListed && !isForTests)
        faults.push(`${file}: scripts/exports.mjs lists ${name} for tests only, but other files import it`);
    }
  }
  for (const name of listed) faults.push(`scripts/exports.mjs: lists ${name}, which is not exported`);
  return faults;
}

/**
 * Maps each export to the files that import it. Keys are texts of the form `path name`. Code outside this repository
 * uses the exports of a package entry, so the entry counts as an importer of its own exports.
 */
function importersOf(modules) {
  const importers = new Map();
  function use(path, name, importer) {
    const module = modules.get(path);
    const found = module?.exports.find((each) => each.name === name);
    if (found === undefined) return module?.stars.some((source) => use(source, name, importer)) ?? false;
    const key = `${path} ${name}`;
    importers.set(key, [...(importers.get(key) ?? []), importer]);
    if (found.source !== undefined) use(found.source, found.local, importer);
    return true;
  }
  function namesOf(path) {
    const { exports = [], stars = [] } = modules.get(path) ?? {};
    return [...exports.map(({ name }) => name), ...stars.flatMap(namesOf)];
  }
  for (const { path, imports } of modules.values()) {
    for (const { target, names } of imports) {
      if (target === undefined) continue;
      for (const name of names === '*' ? namesOf(target) : names) use(target, name, path);
    }
  }
  for (const entry of packageEntries().values()) for (const name of namesOf(entry)) use(entry, name, entry);
  return importers;
}
