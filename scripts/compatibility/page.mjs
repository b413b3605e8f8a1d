// Writes the page of a chapter.
import { evidenceItems, linkDefinitions } from './evidence.mjs';
import { item, slugOf, wrapped } from './markdown.mjs';
import { sectionHeading } from './spec.mjs';

export function chapterPage(chapter, { differences }) {
  const { number, title, intro, sections } = chapter;
  const parts = [
    `# ${number} ${title}: compatibility with Apache ZooKeeper 3.9.5`,
    wrapped(
      `Made from [the data](data/${chapter.dataFile}) by \`npm run generate\`; do not edit. [README.md](README.md) says how to read it.`,
    ),
  ];
  if (intro !== undefined) parts.push(wrapped(intro));
  for (const section of sections) {
    const { heading, link } = sectionHeading(chapter, section);
    parts.push(`## ${heading}`, `[What Apache ZooKeeper does](${link})`);
    parts.push(section.rows.flatMap((row) => rowItems(row, differences)).join('\n'));
  }
  const definitions = linkDefinitions(sections.flatMap(({ rows }) => rows));
  if (definitions.length > 0) parts.push(definitions.join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function rowItems(row, differences) {
  const { id, what, state, note } = row;
  const items = [item(`**${shownId(id)} ${what}**: ${state}.${note === undefined ? '' : ` ${note}`}`)];
  for (const anchor of row.differences ?? []) {
    const title = differences.get(anchor)?.title ?? anchor;
    items.push(item(`Deliberate difference: [${title}](README.md#${slugOf(title)})`, 1));
  }
  return [...items, ...evidenceItems(row)];
}

/**
 * Removes the words after the number from an id. The words only distinguish rows in the data, and the page does not
 * show them.
 */
function shownId(id) {
  return id.replace(/(?<!,) (?!\().*$/, '');
}
