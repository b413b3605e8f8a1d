import type { Ignoring, OptionRow, OptionStatus } from './option-row.js';
import { optionSections } from './options.js';

/** Makes docs/configuration.md from the option table. */

const preamble = `<!-- Made from packages/server/src/config/options.ts by \`node packages/server/dist/src/cli/generate-docs.js\`. Do not edit. -->

# Configuration

\`nodekeeper server [zoo.cfg] [--set key=value]... [--lenient]\` reads Apache ZooKeeper's own zoo.cfg. Without a file the server is
standalone on port 2181 with its data in \`./data\`.

An option is taken from the first of these that has it:

1. \`--set key=value\` on the command line, the last one of a key.
2. The environment: \`ZOO_\` and the key in capitals, words parted by \`_\` (\`ZOO_TICK_TIME\`, \`ZOO_AUTOPURGE_PURGEINTERVAL\`,
   \`ZOO_4LW_COMMANDS_WHITELIST\`). Upper and lower case, dots and underscores do not tell names apart. From the official Docker image also
   \`ZOO_ADMINSERVER_ENABLED\`, \`ZOO_SERVERS\` and \`ZOO_CFG_EXTRA\` (\`key=value\` entries parted by white space);
   \`ZOO_DATADIR_AUTOCREATE_DISABLE=1\` as in Apache's scripts. An empty variable is an unset one; an unknown one is warned of,
   and so is one that goes before another value in zoo.cfg.
3. zoo.cfg, a Java properties file read as UTF-8; the last of several lines with one key counts.
4. The default.

Options marked *property* are Java system properties in Apache; write them with or without \`zookeeper.\` in front. A bad
value, or a key that looks like an option misspelt, keeps the server from starting; all such errors are shown at once, with file and
line. \`--lenient\` makes the misspelt key a warning. Any other unknown key is a warning, which says what is known of it: headings of
Apache's guide that are no keys, keys of old releases, keys of log4j and Kafka.

## Standalone or ensemble

No \`server.N\` line, or a single one, is a standalone server, as in Apache; the client port of the line is used. More of them, or
one with \`standaloneEnabled=false\`, describe an ensemble. \`nodekeeper ensemble\` writes such files, and runs
the servers, to try things out.

\`\`\`text
server.N=host:quorumPort:electionPort[:participant|:observer][;[clientHost:]clientPort]
group.N=id:id:...
weight.N=number
\`\`\`

Several addresses of a server are parted by \`|\` (with \`multiAddress.enabled=true\`), IPv6 literals stand in brackets. An ensemble also
needs \`initLimit\`, \`syncLimit\`, and the server's own id alone in the file \`myid\` in dataDir; without that file \`ZOO_MY_ID\` counts,
and with \`ZOO_SERVERS\` alone it is 1.
With \`dynamicConfigFile\` all these lines stand in that file and nothing else does; the end of its name, if it is a hexadecimal number, is
the version of the configuration. What contradicts itself keeps the server from starting: an id or an address twice, a myid without
a server line, a peerType that differs from the line, a voter in no group or in two, groups without any weight, observers without voters.

## Variables that are not read

A warning names variables of other images and scripts that look meant for this server, and what is read in their place: \`JVMFLAGS\`,
\`SERVER_JVMFLAGS\` and \`KAFKA_OPTS\` with \`-Dzookeeper.key=value\`, \`ZOOCFG\`, \`SERVER_ID\`, \`ADDITIONAL_ZOOKEEPER_N\`, Confluent's \`ZOOKEEPER_...\`, Bitnami's
\`ZOO_...\`. Where they ask for authentication or TLS that is not there (\`ZOO_ENABLE_AUTH=yes\`) the server does not start.

## Different from Apache

- **autopurge is on**: 3 snapshots are kept, purging runs hourly and after each snapshot. \`autopurge.purgeInterval=0\` turns it off.
- \`dataDir\` and \`clientPort\` have defaults. Without a clientPort Apache listens on no plain port.
- Property options in zoo.cfg may keep their \`zookeeper.\` prefix, and those that Apache reads only with \`-D\`
  (\`jute.maxbuffer\`, \`znode.container.*\`, \`readonlymode.enabled\`, ...) may stand in zoo.cfg.
- A \`server.N\`, \`group.N\` or \`weight.N\` that one file has twice is an error; Apache takes the last one. So are two servers at one
  address, and a \`peerType\` that contradicts the server line, of which Apache warns.
- \`multiAddress.enabled\` works in zoo.cfg; Apache 3.9.5 reads it there too late and needs \`-Dzookeeper.multiAddress.enabled=true\`.
- A dynamic file without server lines is an error; Apache starts standalone on it.
- An option that opens something when it is ignored keeps the server from starting as long as it is not supported, see [below](#status).
  With \`secureClientPort\` no plain port is opened that \`clientPort\` or the server line does not name.
- A key that looks like an option misspelt is an error; Apache turns it into a system property that nobody reads. So is a number or
  boolean that is none; Apache quietly takes the default, or false. Where Apache compares with \`yes\` or \`no\` only
  (\`skipACL=true\` is no), so does nodekeeper, with a warning.
- zoo.cfg is UTF-8; Java reads ISO 8859-1, so other letters need \`\\uXXXX\` there.

## Status

| status | meaning |
| --- | --- |
| works | as in Apache ZooKeeper 3.9.5 |
| ensemble | works in an ensemble; read and checked, but without effect in a standalone server, as in Apache's |
| later | read and checked, without effect for now |
| not here | tunes what exists only in a JVM or in Apache's client; without effect for good |

What becomes of a server that ignores an option is in the column *if ignored*. A value that says what is the case anyway
(\`audit.enable=false\`, \`admin.enableServer=false\`) is passed over.

| if ignored | meaning |
| --- | --- |
| nothing | the server does the same, or the option belongs to something that is not there: mentioned at level INFO |
| less | the server lacks what it was told to have: named in a warning at start |
| opens | the server would let in, send in the clear or leave unrecorded what it was told not to: **it does not start** |
`;

const statusNames: Readonly<Record<OptionStatus, string>> = {
  works: 'works',
  ensemble: 'ensemble',
  later: 'later',
  inapplicable: 'not here',
};

/** The whole text of docs/configuration.md. */
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
