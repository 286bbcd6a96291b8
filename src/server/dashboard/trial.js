// The form by which a request is tried out, and what is shown of the answer.

import { badge, byId, element, table } from './view.js';

/** How many changes are shown, and how many characters of the whole answer. */
const MAX_CHANGES = 50;
const MAX_SHOWN = 200_000;

/** How long an answer may take, in milliseconds. */
const PATIENCE = 60_000;

/** Has the form sent by this script. */
export function listen() {
  byId('try').addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
}

/** Asks what can be tried out, and says so in the form. */
export async function prepare() {
  const body = byId('try-body');
  const about = await (await fetch('try', { signal: AbortSignal.timeout(5000) })).json();
  if (body.value === '') body.value = about.example;
  byId('h-try').textContent = `Try a request: ${about.method} ${about.path}`;
  byId('try-api').placeholder = about.api ? `${about.api}, as the gateway does` : 'such as 8.19: the cluster has not said its own';
  for (const field of document.querySelectorAll('.of-users')) field.hidden = !about.asks_for_user;
}

async function send() {
  const [button, shown] = [byId('try-send'), byId('try-answer')];
  const query = new URLSearchParams({ pretty: 'true' });
  for (const name of ['id', 'api', 'user', 'roles']) {
    const value = byId(`try-${name}`).value.trim();
    if (value !== '') query.set(name, value);
  }
  button.disabled = true;
  shown.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(`try?${query}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: byId('try-body').value,
      signal: AbortSignal.timeout(PATIENCE),
    });
    shown.replaceChildren(...verdict(answer, await answer.text()));
  } catch (error) {
    shown.replaceChildren(badge('no answer', 'bad'), element('p', {}, `The gateway did not answer: ${error.message}`));
  } finally {
    button.disabled = false;
    shown.removeAttribute('aria-busy');
  }
}

function verdict(answer, text) {
  const whole = element('details', {}, element('summary', {}, 'The whole answer'), element('pre', { tabindex: '0' }, text.slice(0, MAX_SHOWN)));
  let document;
  try {
    document = JSON.parse(text);
  } catch {
    return [badge(`status ${answer.status}`, 'bad'), whole];
  }
  if (answer.ok) return [badge('admitted', 'good'), ...warnings(answer.headers.get('warning')), ...changes(document), whole];
  const { error } = document;
  if (typeof error === 'string') return [badge('not tried', 'warn'), element('p', { class: 'text' }, error)];
  return [badge(`refused, status ${answer.status}`, 'bad'), ...refusal(error ?? {}), whole];
}

function refusal(error) {
  const causes = (error.root_cause ?? [error]).map((cause) => {
    const from = [cause.policy && `policy ${cause.policy}`, cause.rule && `rule ${cause.rule}`, cause.pointer && `at ${cause.pointer}`];
    const said = from.filter(Boolean).join(', ');
    return element('li', {}, cause.reason ?? cause.type, said && element('span', { class: 'quiet' }, ` (${said})`));
  });
  const inner = [];
  for (let cause = error.caused_by; cause; cause = cause.caused_by) inner.push(element('li', {}, `caused by: ${cause.reason}`));
  return [element('ul', { class: 'plain' }, ...causes, ...inner)];
}

/** The texts of `Warning` fields, which a browser gives as one. */
function warnings(fields) {
  const texts = [...(fields ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted]) => decoded(quoted.replace(/\\(.)/g, '$1')));
  if (texts.length === 0) return [];
  return [element('h3', {}, 'Warnings'), element('ul', { class: 'plain' }, ...texts.map((text) => element('li', {}, text)))];
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function changes(document) {
  const all = document.changes ?? [];
  if (all.length === 0) return [element('p', {}, 'It would be stored as it was sent.')];
  const rows = all.slice(0, MAX_CHANGES).map(({ path, op, value, origin }) => [element('code', {}, op === 'add' ? path : `${op} ${path}`), element('code', {}, value === undefined ? '' : JSON.stringify(value)), origin]);
  const more = all.length - rows.length + (document.changes_not_listed ?? 0);
  return [
    element('h3', {}, 'What would be stored differs from what was sent'),
    table('Changes', [['where'], ['value'], ['by']], rows),
    more > 0 ? element('p', { class: 'quiet' }, `and ${more} more`) : '',
  ];
}
