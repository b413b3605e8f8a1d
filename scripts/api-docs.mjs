// Writes docs/api/*.md from the docstrings of the public API of each package. With --check it only reports which page is
// stale. The script reads the compiler's output (dist/**/*.d.ts) as text, because the layout of that output is regular.
// docs/decisions/0008-api-reference.md explains the choice.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './ensure.mjs';

/**
 * The pages: the folder of a package, its guide in docs/, and the functions that a user calls first. Adding a package is
 * adding a row.
 */
const pages = [
  { name: 'client', guide: 'client.md', start: ['connect'] },
  { name: 'recipes', guide: 'recipes.md', start: [] },
  { name: 'testing', guide: 'testing.md', start: ['startServer', 'startEnsemble'] },
];
const protocol = join(root, 'packages/protocol/dist/src');
/** Notes for types from generated code. The docstrings of generated code cannot contain these notes. */
const notes = { Stat: 'The fields are explained in the [guide](../client.md#read-and-write).' };
/** Headings show the methods of a class as calls on a variable. Its name is that of the class, or one of these. */
const instanceNames = {
  ZooKeeper: 'zk',
  WatchStream: 'stream',
  TestEnsemble: 'ensemble',
  TestClock: 'clock',
  TestServer: 'server',
};

let isStale = false;
for (const page of pages) {
  const folder = join(root, 'packages', page.name, 'dist/src');
  const target = join(root, 'docs/api', `${page.name}.md`);
  const declarations = exportedNames(folder).map(([name, file]) => declarationOf(name, file, folder));
  const text = render(page, declarations);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error(`${relative(root, target)} is stale; run npm run generate`);
    isStale = true;
  }
}
if (isStale) process.exit(1);

// ---- the exported names and their declarations

/** The names that index.d.ts exports, in the order of that file. Each name comes with the file that declares it. */
function exportedNames(folder) {
  const index = readFileSync(join(folder, 'index.d.ts'), 'utf8');
  return [...index.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';/gm)].flatMap(([, names, from]) =>
    names
      .split(',')
      .map((name) => [name.replace('type ', '').trim(), from])
      .filter(([name]) => name !== ''),
  );
}

function declarationOf(name, from, folder) {
  const files = from.startsWith('.') ? [join(folder, from.replace(/\.js$/, '.d.ts'))] : typeFilesOf(protocol);
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const items = itemsOf(text, 0).filter((item) => nameOf(item.code) === name && item.code.startsWith('export '));
    if (items.length > 0)
      return {
        name,
        items,
        kind: kindOf(items[0].code),
        inherited: inheritedBy(items[0].code, text, file),
        bases: basesOf(items[0].code, text, file),
      };
    const moved = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)';/gm)].find(([, names]) =>
      names.split(',').some((each) => each.replace('type ', '').trim() === name),
    );
    if (moved !== undefined) return declarationOf(name, moved[2], folder);
  }
  throw new Error(`${name} is exported from ${from}, but its declaration was not found`);
}

/**
 * The properties that an exported interface inherits from a base that is not exported, as in `extends
 * Readonly<SessionCounters>`.
 */
function inheritedBy(code, text, file) {
  const base = / extends Readonly<(\w+)> \{/.exec(code)?.[1];
  const from = new RegExp(`import type \\{ ${base} \\} from '([^']+)'`).exec(text)?.[1];
  if (base === undefined) return [];
  const source = readFileSync(join(dirname(file), from.replace(/\.js$/, '.d.ts')), 'utf8');
  const found = itemsOf(source, 0).find((item) => nameOf(item.code) === base);
  return itemsOf(inside(found.code), 4);
}

/** The declarations of the base classes of a class, the nearest first, as far as they are files of the same package. */
function basesOf(code, text, file) {
  const base = /^[^{]*class .*? extends (\w+)/.exec(code)?.[1];
  const from = base && new RegExp(`import (?:type )?\\{[^}]*\\b${base}\\b[^}]*\\} from '(\\.[^']+)'`).exec(text)?.[1];
  const source = from === undefined ? file : join(dirname(file), from.replace(/\.js$/, '.d.ts'));
  const sourceText = base === undefined ? '' : readFileSync(source, 'utf8');
  const found = itemsOf(sourceText, 0).find((item) => nameOf(item.code) === base && kindOf(item.code) === 'class');
  return found === undefined ? [] : [{ name: base, code: found.code }, ...basesOf(found.code, sourceText, source)];
}

function typeFilesOf(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));
  return names.map((name) => join(folder, name));
}

/** All declarations that begin at this indentation, each with its docstring and its complete code. */
function itemsOf(text, indent) {
  const items = [];
  let doc = '';
  let code = [];
  let depth = 0;
  let isDoc = false;
  for (const line of text.split('\n')) {
    if (depth === 0 && code.length === 0 && /^\s*\/\*\*/.test(line)) {
      isDoc = true;
      doc = '';
    }
    if (isDoc) {
      doc += `${line.replace(/^\s*(\/\*\*|\*\/|\*)? ?/, '').replace(/ ?\*\/$/, '')}\n`;
      if (line.includes('*/')) isDoc = false;
      continue;
    }
    if (line.trim() === '' || line.startsWith('//')) continue;
    code.push(line.slice(indent));
    if (!/^\s*(\/\*\*|\*)/.test(line)) {
      for (const [bracket] of line.replace(/'[^']*'|=>/g, '').matchAll(/[{}()[\]]/g)) {
        depth += '{(['.includes(bracket) ? 1 : -1;
      }
    }
    if (depth === 0 && /[;}]$/.test(line)) {
      items.push({ doc: docOf(doc), code: code.join('\n') });
      doc = '';
      code = [];
    }
  }
  return items;
}

/** Splits a docstring into its text and its tags. */
function docOf(text) {
  const [body, ...tags] = text.split(/^@/m);
  const of = (tag) =>
    tags
      .filter((each) => each.startsWith(tag))
      .map((each) =>
        each
          .slice(tag.length)
          .trim()
          .replace(/\s*\n\s*/g, ' '),
      );
  return {
    body: body.trim(),
    params: of('param'),
    throws: of('throws'),
    isInternal: tags.some((tag) => tag.startsWith('internal')),
  };
}

function nameOf(code) {
  return /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/.exec(code)?.[1];
}

function kindOf(code) {
  return /(class|interface|type|const|function) /.exec(code)[1];
}

// ---- the page

function render({ name: packageName, guide, start }, all) {
  const isStart = ({ name }) => start.includes(name);
  const names = new Set(all.map(({ name }) => name));
  const sections = [
    ['Start', all.filter(isStart)],
    ['Classes', all.filter(({ kind }) => kind === 'class')],
    ['Functions and constants', all.filter((each) => /function|const/.test(each.kind) && !isStart(each))],
    ['Types', all.filter(({ kind }) => kind === 'interface' || kind === 'type')],
  ].filter(([, list]) => list.length > 0);
  const links = (list) => list.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ');
  const parts = [
    `# API of @nodekeeper/${packageName}`,
    `\`npm run generate\` writes this page from the docstrings; do not edit it. The guide, with examples, is [${guide}](../${guide}).`,
    sections.map(([title, list]) => `- **${title}**: ${links(list)}`).join('\n'),
  ];
  for (const [title, list] of sections)
    parts.push(`## ${title}`, ...list.flatMap((each) => renderDeclaration(each, names)));
  return `${parts.join('\n\n')}\n`;
}

function renderDeclaration({ name, kind, items, inherited, bases }, names) {
  const [{ doc, code }] = items;
  const heading = `### ${name}`;
  if (kind === 'class')
    return [heading, codeBlock([firstLine(code)]), ...docText(doc), ...membersOf(name, code, bases, names)];
  if (kind === 'interface' && !/^ {4}\w*\(/m.test(code)) {
    const generic = /^[^{]*?\w</.test(firstLine(code).split(' extends ')[0]) ? codeBlock([firstLine(code)]) : '';
    const properties = propertyTable([...itemsOf(inside(code), 4), ...inherited]);
    return [heading, generic, ...docText(doc), notes[name], ...extendsText(code, names), properties].filter(Boolean);
  }
  return [heading, ...items.flatMap((item) => [codeBlock([withoutExport(item.code)]), ...docText(item.doc)])];
}

/** The members of a class and of its base classes that have no section of their own on the page. */
function membersOf(className, code, bases, names) {
  const members = publicMembers(code);
  for (const base of bases) {
    if (names.has(base.name)) break;
    const known = new Set(members.map((member) => memberName(member.code)));
    members.push(
      ...publicMembers(base.code).filter((each) => !known.has(memberName(each.code)) && !isConstructor(each)),
    );
  }
  const isProperty = ({ code: member }) => /^(readonly \w+|get \w+\(\)|\w+\??:)/.test(member);
  const parts = [propertyTable(members.filter(isProperty))];
  const groups = new Map();
  for (const member of members.filter((each) => !isProperty(each))) {
    const name = memberName(member.code);
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  for (const [name, overloads] of groups) {
    parts.push(`#### ${callText(className, name, overloads[0].code)}`, codeBlock(overloads.map((each) => each.code)));
    parts.push(...overloads.flatMap((each) => docText(each.doc)));
  }
  return parts.filter(Boolean);
}

function publicMembers(code) {
  return itemsOf(inside(code), 4).filter(
    ({ doc, code: member }) => !doc.isInternal && !/^(#|private|protected|\[brand\])/.test(member),
  );
}

function isConstructor({ code }) {
  return code.startsWith('constructor');
}

/** The name of a method as its heading shows it, or the start of a property. */
function memberName(code) {
  return /^(?:static )?(?:abstract )?(?:readonly |get )?(?:\*)?(\[[^\]]+\]|\w+)/.exec(code)[0];
}

/** Formats a call from a method's signature, such as `zk.get(path, options?)`. */
function callText(className, name, code) {
  const flat = code.replace(/\s+/g, ' ');
  const list = /\((.*)\)(?=: |;)/.exec(flat)?.[1] ?? '';
  const names = [...list.matchAll(/(?:^|, )(\w+\??):/g)].map(([, parameter]) => parameter);
  const call = `(${names.join(', ')})`;
  if (name === 'constructor') return `new ${className}${call}`;
  if (name.startsWith('static ')) return `${className}.${name.slice(7)}${call}`;
  const instance = instanceNames[className] ?? className[0].toLowerCase() + className.slice(1);
  return name.startsWith('[') ? `${instance}${name}${call}` : `${instance}.${name}${call}`;
}

function propertyTable(items) {
  const rows = items
    .filter(({ doc }) => !doc.isInternal)
    .map(({ doc, code }) => {
      const flat = code.replace(/\s+/g, ' ').replace(/;$/, '');
      const [, name, optional, type] = /^(?:readonly |get )*('[^']+'|\w+)(?:\(\))?(\?)?: (.*)$/.exec(flat) ?? [];
      if (name === undefined) throw new Error(`this script cannot read the property: ${flat}`);
      return [`\`${name}${optional ?? ''}\``, `\`${type}\``, doc.body.replace(/\s*\n\s*/g, ' ')];
    });
  return rows.length === 0 ? '' : table([['name', 'type', 'what'], ...rows]);
}

function docText({ body, params, throws }) {
  const parts = body === '' ? [] : [body];
  const details = [
    ...params.map((text) => text.replace(/^(\w+) /, '- `$1`: ')),
    ...throws.map((text) => `- throws ${text}`),
  ];
  if (details.length > 0) parts.push(details.join('\n'));
  return parts;
}

/** @param names the names on the page, which a link can lead to */
function extendsText(code, names) {
  const bases = / extends (.*) \{/.exec(code.split('\n')[0])?.[1];
  if (bases === undefined || bases.startsWith('Readonly<')) return [];
  const texts = bases
    .split(', ')
    .map((base) => (names.has(base) ? `[${base}](#${base.toLowerCase()})` : `\`${base}\``));
  return [`It also has the properties of ${texts.join(' and ')}.`];
}

function inside(code) {
  return code.slice(code.indexOf('{\n') + 2, code.lastIndexOf('}'));
}

function firstLine(code) {
  return withoutExport(code.split('\n')[0].replace(/ \{$/, ''));
}

function withoutExport(code) {
  return code.replace(/^export /, '').replace(/^declare /, '');
}

function codeBlock(lines) {
  return `\`\`\`ts\n${lines.join('\n').replace(/^( {4})+/gm, (indent) => indent.replaceAll('    ', '  '))}\n\`\`\``;
}

function table(rows) {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = cells[0].map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(cells[0]), line(widths.map((width) => '-'.repeat(width))), ...cells.slice(1).map(line)].join('\n');
}
