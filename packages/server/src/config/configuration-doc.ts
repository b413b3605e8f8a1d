import type { Ignoring, OptionRow, OptionStatus } from './option-row.js';
import { optionSections } from './options.js';

/** This file generates docs/configuration.md from the option table. */

const preamble = `<!-- Generated from packages/server/src/config/options.ts by \`npm run generate\`. Do not edit. -->

# Configuration

\`nodekeeper server [zoo.cfg] [--set key=value]... [--lenient]\` reads Apache ZooKeeper's own zoo.cfg. Without a file the server is
standalone, on port 2181, with its data in \`./data\`.

The server takes each option from the first of these sources that has it:

1. \`--set key=value\` on the command line; for a repeated key the last one.
2. The environment: \`ZOO_\` and the key in capitals, with \`_\` between its words (\`ZOO_TICK_TIME\`, \`ZOO_AUTOPURGE_PURGEINTERVAL\`,
   \`ZOO_4LW_COMMANDS_WHITELIST\`). Names are compared without case, dots and underscores. The server also reads
   \`ZOO_ADMINSERVER_ENABLED\`, \`ZOO_SERVERS\` and \`ZOO_CFG_EXTRA\` (\`key=value\` entries separated by white space) of the official
   Docker image, and \`ZOO_DATADIR_AUTOCREATE_DISABLE=1\` of ZooKeeper's scripts. An empty variable counts as unset. The server warns of an
   unknown variable, and of one that overrides a different value in zoo.cfg.
3. zoo.cfg, a Java properties file read as UTF-8; for a repeated key the last line counts.
4. The default.

Options marked *property* are Java system properties in ZooKeeper; write them with or without the prefix \`zookeeper.\`. An invalid
value, or a key that looks like a misspelt option, prevents the start. The server prints all such errors at once, with file and
line. \`--lenient\` turns the error for a misspelt key into a warning. Any other unknown key causes a warning, which explains known
cases: headings of ZooKeeper's guide that are not keys, keys of old releases, keys of log4j and Kafka.

## Standalone or ensemble

With no \`server.N\` line, or a single one, the server is standalone, as in ZooKeeper, and uses the client port of the line. Several
lines, or one with \`standaloneEnabled=false\`, describe an ensemble. \`nodekeeper ensemble\` writes such files and runs
the servers, to try an ensemble.

\`\`\`text
server.N=host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]
group.N=id:id:...
weight.N=number
\`\`\`

Separate several addresses of a server by \`|\` (with \`multiAddress.enabled=true\`), and write IPv6 literals in brackets. An ensemble also
needs \`initLimit\`, \`syncLimit\`, and the file \`myid\` in dataDir, which contains only the server's own id. Without that file the id
comes from \`ZOO_MY_ID\`; with \`ZOO_SERVERS\` alone it is 1.
With \`dynamicConfigFile\` all these lines must be in that file. The end of its name, if it is a hexadecimal number, is
the version of the configuration. Contradictions prevent the start: a repeated id or address, a myid without
a server line, a peerType that differs from the line, a voter in no group or in two, groups without any weight, observers without voters.

## Variables that are not read

The server warns of variables of other images and scripts that seem meant for it, and names what it reads instead: \`JVMFLAGS\`,
\`SERVER_JVMFLAGS\` and \`KAFKA_OPTS\` with \`-Dzookeeper.key=value\`, \`ZOOCFG\`, \`SERVER_ID\`, \`ADDITIONAL_ZOOKEEPER_N\`, Confluent's \`ZOOKEEPER_...\`, Bitnami's
\`ZOO_...\`. If such a variable requests authentication or TLS that nodekeeper lacks (\`ZOO_ENABLE_AUTH=yes\`), the server does not start.

## Different from ZooKeeper

- **autopurge is on**: it keeps 3 snapshots and runs hourly and after each snapshot. \`autopurge.purgeInterval=0\` turns it off.
- \`dataDir\` and \`clientPort\` have defaults. Without a clientPort ZooKeeper listens on no plain port.
- Property options in zoo.cfg may keep their \`zookeeper.\` prefix. Those that ZooKeeper reads only with \`-D\`
  (\`jute.maxbuffer\`, \`znode.container.*\`, \`readonlymode.enabled\`, ...) also work in zoo.cfg.
- A \`server.N\`, \`group.N\` or \`weight.N\` that one file repeats is an error; ZooKeeper uses the last one. Two servers with one
  address are an error, too, and so is a \`peerType\` that contradicts the server line, of which ZooKeeper only warns.
- \`multiAddress.enabled\` works in zoo.cfg; ZooKeeper 3.9.5 reads it there too late and needs \`-Dzookeeper.multiAddress.enabled=true\`.
- A dynamic file without server lines is an error; ZooKeeper starts standalone with it.
- An unsupported option prevents the start if ignoring it would open something, see [below](#status).
  With \`secureClientPort\` the server opens a plain port only if \`clientPort\` or the server line names it.
- A key that looks like a misspelt option is an error; ZooKeeper turns it into a system property that nothing reads. An invalid number or
  boolean is an error, too; ZooKeeper silently uses the default, or false. Where ZooKeeper compares only with \`yes\` or \`no\`
  (\`skipACL=true\` is no), nodekeeper does the same, with a warning.
- zoo.cfg is UTF-8; Java reads ISO 8859-1, so other letters need \`\\uXXXX\` there.

## Status

| status | meaning |
| --- | --- |
| works | as in Apache ZooKeeper 3.9.5 |
| ensemble | works in an ensemble; read and checked, but without effect in a standalone server, as in ZooKeeper |
| later | read and checked, but without effect for now |
| not here | for something that exists only in a JVM or in ZooKeeper's Java client; permanently without effect |

The column *if ignored* shows the consequence for a server that ignores an option. A value that asks only for what the server does
anyway (\`audit.enable=false\`, \`admin.enableServer=false\`) has no consequence.

| if ignored | meaning |
| --- | --- |
| nothing | the server behaves the same, or the option belongs to an absent feature: logged at level INFO |
| less | the server lacks a requested feature: a warning at start |
| opens | the server would admit, send unencrypted or leave unrecorded what the option forbids: **it does not start** |
`;

const statusNames: Readonly<Record<OptionStatus, string>> = {
  works: 'works',
  ensemble: 'ensemble',
  later: 'later',
  inapplicable: 'not here',
};

/** Returns the whole text of docs/configuration.md. */
export function configurationDoc(): string {
  const sections = optionSections.map(({ title, rows }) => {
    const head = '| key | value | default | status | if ignored | meaning |\n| --- | --- | --- | --- | --- | --- |\n';
    return `\n## ${title}\n\n${head}${rows.map(docLine).join('')}`;
  });
  return `${preamble}${sections.join('')}`;
}

function docLine({ key, origin, form, defaultText, status, ignoring, opening, doc }: OptionRow): string {
  const name = origin === 'property' ? `\`${key}\` (property)` : `\`${key}\``;
  const usual = defaultText === '' ? '' : `\`${defaultText}\``;
  return `| ${name} | ${form} | ${usual} | ${statusNames[status]} | ${ignoringText(ignoring, opening)} | ${doc} |\n`;
}

function ignoringText(ignoring: Ignoring | undefined, opening: OptionRow['opening']): string {
  const limits = [
    opening?.only === 'ensemble' ? ' in an ensemble' : '',
    opening?.unlessSet === undefined ? '' : ` without ${opening.unlessSet}`,
  ];
  return `${ignoring ?? ''}${limits.join('')}`;
}
