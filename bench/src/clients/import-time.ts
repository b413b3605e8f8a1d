/** Prints how many milliseconds the import of a module takes in a process that has loaded nothing else. */
const startedAt = performance.now();
await import(process.argv[2]!);
console.log(performance.now() - startedAt);
process.exit(0);
