// Writes what is known into the page. All of it goes in as text, so that nothing that a client has sent becomes markup.

import { total, totalBy } from './figures.js';

const SVG = 'http://www.w3.org/2000/svg';
const REQUESTS = 'anomaly_gateway_requests_total';
const TIMES = [
  ['whole request', 'anomaly_gateway_request_duration_seconds'],
  ["gateway's own part", 'anomaly_gateway_request_own_duration_seconds'],
  ["nodes' part", 'anomaly_gateway_request_node_duration_seconds'],
];
/** How many decisions are shown, and policies of a set. */
const SHOWN = 20;
const MAX_POLICIES = 200;
const NOTHING = '–';

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** A new element; what is in it are elements and texts. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

export const badge = (text, kind = '') => element('span', { class: `badge ${kind}` }, text);

/** A table that scrolls in itself where it is too wide; columns are `[title, isNumber]`, rows lists of cells, the first of which names the row. */
export function table(label, columns, rows) {
  const cell = (content, place) => {
    const attributes = columns[place][1] ? { class: 'number' } : {};
    return place === 0 ? element('th', { scope: 'row' }, content) : element('td', attributes, content);
  };
  const titles = columns.map(([title, isNumber]) => element('th', { scope: 'col', ...(isNumber && { class: 'number' }) }, title));
  const made = element('table', { 'aria-label': label },
    element('thead', {}, element('tr', {}, ...titles)),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell)))));
  return element('div', { class: 'scroll' }, made);
}

const count = (number) => (number ?? 0).toLocaleString('en');
const perSecond = (rate) => (rate === undefined ? NOTHING : rate.toFixed(rate !== 0 && rate < 10 ? 2 : 0));

function duration(seconds) {
  if (seconds === undefined) return NOTHING;
  if (seconds < 0.001) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
  return `${seconds.toFixed(2)} s`;
}

/** Requests, latencies and the trend. */
export function showRequests(history) {
  const { families } = history.newest;
  const [p50, p99] = history.quantiles(TIMES[0][1], [0.5, 0.99]);
  const tiles = [
    ['requests a second', perSecond(history.rate(REQUESTS))],
    ['in flight', count(total(families, 'anomaly_gateway_requests_in_flight'))],
    ['p50, last minute', duration(p50)],
    ['p99, last minute', duration(p99)],
    ['clients connected', count(total(families, 'anomaly_gateway_client_connections'))],
  ];
  byId('tiles').replaceChildren(...tiles.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
  const outcomes = [...totalBy(families, REQUESTS, 'outcome')].filter(([outcome, sum]) => sum > 0 || outcome === 'complete');
  outcomes.sort(([, one], [, other]) => other - one);
  const rows = outcomes.map(([outcome, sum]) => [outcome.replace('_', ' '), perSecond(history.rate(REQUESTS, { outcome })), count(sum)]);
  byId('outcomes').replaceChildren(table('Requests by outcome', [['outcome'], ['a second', true], ['since the start', true]], rows));
  const times = ['forwarded', 'claimed'].flatMap((kind) => TIMES.map(([part, series]) =>
    [`${kind}, ${part}`, ...history.quantiles(series, [0.5, 0.99], { claimed: String(kind === 'claimed') }).map(duration)]));
  byId('latencies').replaceChildren(table('Latencies', [['requests'], ['p50', true], ['p99', true]], times));
  showTrend(history.trend());
}

function showTrend({ points, from, to }) {
  const minutes = Math.round((to - from) / 60_000);
  const ago = `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  const most = Math.max(1, ...points.map(({ value }) => value));
  const drawn = points.map(({ at, value }) => `${(((at - from) / (to - from)) * 300).toFixed(1)},${(39 - (value / most) * 38).toFixed(1)}`);
  const part = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    return made;
  };
  const chart = part('svg', { viewBox: '0 0 300 40', preserveAspectRatio: 'none', role: 'img', 'aria-label': `Requests a second since ${ago}, at most ${perSecond(most)}` });
  chart.append(part('line', { x1: 0, x2: 300, y1: 39.5, y2: 39.5 }), part('polyline', { points: drawn.join(' ') }));
  const legend = element('p', { class: 'quiet' }, element('span', {}, ago), element('span', {}, `top: ${perSecond(most)} a second`), element('span', {}, 'now'));
  byId('trend').replaceChildren(chart, legend);
}

/** Whether the gateway is ready, its nodes, and what is wrong with its files. */
export function showReadiness(ready) {
  const state = byId('state');
  state.className = `badge ${ready.ready ? 'good' : 'bad'}`;
  state.textContent = ready.ready ? 'ready' : `not ready: ${ready.reason}`;
  const rows = ready.nodes.map(({ url, answers, unauthorized }) => {
    const refused = unauthorized ? badge(`${count(unauthorized)} answers in a row were 401`, 'warn') : undefined;
    return [element('code', {}, url), element('span', {}, badge(answers ? 'answers' : 'does not answer', answers ? 'good' : 'bad'), ' ', ...(refused ? [refused] : []))];
  });
  byId('nodes').replaceChildren(table('Nodes', [['node'], ['state']], rows));
  const notes = [];
  if (ready.outdated_configuration) notes.push(`gateway.yml is not in use as it is: ${ready.outdated_configuration}`);
  if (ready.needs_restart) notes.push(`A restart is needed for: ${ready.needs_restart.join(', ')}`);
  if (ready.outdated_policies) notes.push(`The last change of policies is not in use: ${ready.outdated_policies}`);
  for (const { side, error } of ready.outdated_certificates ?? []) notes.push(`The files of ${side} are not in use as they are: ${error}`);
  for (const { side, not_after, validity } of ready.certificates ?? []) {
    if (validity !== 'valid') notes.push(`The certificate of ${side} is ${validity}: ${not_after}`);
  }
  if (ready.lost_records) notes.push(`${count(ready.lost_records)} records of jobs could not be kept`);
  setText(byId('notes'), notes.join('\n'));
  byId('notes').hidden = notes.length === 0;
}

/** What is said aloud by screen readers is written only when it changes. */
export function setText(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

const OF_ENFORCEMENTS = { enforce: 'good', warn: 'warn' };

function mode({ enforcement, enforce_after: day }) {
  const word = badge(enforcement, OF_ENFORCEMENTS[enforcement]);
  return element('span', {}, word, day && enforcement !== 'enforce' ? ` until ${day}` : '');
}

/** The sets of policies. */
export function showPolicies({ active, shadow }, families) {
  const set = (name, { revision, policies }, isCounted) => {
    const heading = element('p', { class: 'text' }, `${name}, revision `, element('code', {}, revision));
    if (policies.length === 0) return [heading, element('p', { class: 'quiet' }, 'No policies: the rules of Elasticsearch alone apply.')];
    const rows = policies.slice(0, MAX_POLICIES).map((policy) => {
      const violations = total(families, 'anomaly_gateway_policy_violations_total', { policy: policy.name, dry_run: 'false' });
      return [policy.name, mode(policy), policy.has.join(', '), isCounted ? count(violations) : NOTHING];
    });
    const more = policies.length - rows.length;
    return [heading, table(name, [['policy'], ['mode'], ['has'], ['violations', true]], rows), more > 0 ? element('p', { class: 'quiet' }, `and ${count(more)} more`) : undefined];
  };
  const shown = [...set('In use', active, true), ...(shadow ? set('Shadow set, compared only', shadow, false) : [])];
  byId('policies').replaceChildren(...shown.filter(Boolean));
}

/** The last decisions; those that are there already stay as they are, open or closed. */
export function showDecisions({ kept, decisions }) {
  const list = byId('decisions');
  const there = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = decisions.slice(0, SHOWN).map((decision) => there.get(decision.decision_id) ?? decisionItem(decision));
  const isSame = items.length === list.children.length && items.every((item, place) => item === list.children[place]);
  if (!isSame) list.replaceChildren(...items);
  const none = byId('no-decisions');
  none.hidden = items.length > 0;
  setText(none, kept === 0 ? 'None are kept: admin.decisions is 0.' : 'None yet.');
}

function decisionItem(decision) {
  const { decision_id: key, at, plugin, id, verdict, dry_run: isDryRun, user, violations } = decision;
  const words = [
    element('time', { datetime: at, class: 'quiet', title: at }, new Date(at).toLocaleTimeString()),
    badge(verdict, verdict === 'admitted' ? 'good' : 'bad'),
    element('code', {}, id),
    element('span', { class: 'quiet' }, plugin),
    isDryRun ? badge('dry run') : undefined,
    user ? element('span', { class: 'quiet text' }, `by ${user}`) : undefined,
    violations > 0 ? element('span', {}, `${count(violations)} violation${violations === 1 ? '' : 's'}`) : undefined,
  ];
  const why = element('div', { class: 'why' }, 'Asking why …');
  const details = element('details', {}, element('summary', {}, ...words), why);
  let isKnown = false;
  details.addEventListener('toggle', async () => {
    if (!details.open || isKnown) return;
    try {
      const answer = await fetch(`decisions/${encodeURIComponent(key)}`, { signal: AbortSignal.timeout(5000) });
      const found = await answer.json();
      isKnown = answer.ok;
      why.replaceChildren(...(answer.ok ? reasons(found) : [found.error]));
    } catch (error) {
      why.replaceChildren(`The gateway did not say why: ${error.message}. Close and open this again to ask once more.`);
    }
  });
  const item = element('li', {}, details);
  item.dataset.id = key;
  return item;
}

function reasons(why) {
  const { rule, matched, filled_in: filledIn, violated, not_evaluated: notEvaluated } = why;
  const more = (listed) => (listed.more ? `and ${count(listed.more)} more` : undefined);
  const part = (title, all, text) => (all.length === 0 ? [] : [element('h3', {}, title),
    element('ul', { class: 'plain' }, ...all.map((one) => element('li', {}, more(one) ?? text(one))))]);
  const shown = [
    ...(rule ? [element('p', {}, 'Refused by the rule ', element('code', {}, rule), ', before policies were asked.')] : []),
    ...part('Violated', violated, ({ policy, enforcement, text, message, link }) => [`${policy} (${enforcement}): ${text}`, message, link].filter(Boolean).join(' · ')),
    ...part('Filled in', filledIn, ({ pointer, policy }) => `${pointer} by ${policy}`),
    ...part('Policies that concern it', matched, ({ policy, enforcement }) => `${policy} (${enforcement})`),
    ...part('Not evaluated', notEvaluated, ({ policy, reason }) => `${policy}: ${reason}`),
    element('p', { class: 'quiet text' }, `${why.method} ${why.path} from ${why.client}, judged as ${why.api} by revision ${why.revision}`),
  ];
  return shown;
}
