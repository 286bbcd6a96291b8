// Asks the listener every few seconds, and says how old is what the page shows.

import { History, parse } from './figures.js';
import { listen, prepare } from './trial.js';
import { byId, setText, showDecisions, showPolicies, showReadiness, showRequests } from './view.js';

/** How often is asked, how long an answer may take, and from when on figures are old; in milliseconds. */
const INTERVAL = 2000;
const PATIENCE = 5000;
const OLD = 7000;

const history = new History();
let last; // When all of it was last answered.
let fault; // What went wrong since.
let isPrepared = false; // Whether the form says what can be tried out.

async function ask(path, read) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE), cache: 'no-store' });
  // `/ready` says 503 what is wrong.
  if (!answer.ok && path !== 'ready') throw new Error(`/${path} was answered with ${answer.status}`);
  return read(answer);
}

const asJson = (answer) => answer.json();
const asText = (answer) => answer.text();

async function refresh() {
  try {
    const asked = [ask('metrics', asText), ask('ready', asJson), ask('policies', asJson), ask('decisions', asJson)];
    const [metrics, ready, policies, decisions] = await Promise.all(asked);
    const families = parse(metrics);
    history.add(performance.now(), families);
    byId('version').textContent = families.get('anomaly_gateway_build_info')?.[0]?.labels.version ?? '';
    showRequests(history);
    showReadiness(ready);
    showPolicies(policies, families);
    showDecisions(decisions);
    if (!isPrepared) await prepare();
    isPrepared = true;
    [last, fault] = [Date.now(), undefined];
  } catch (error) {
    fault = error.message;
  }
  showAge();
}

function showAge() {
  if (document.hidden) return; // Nothing was asked meanwhile.
  const age = last === undefined ? undefined : Date.now() - last;
  const time = last === undefined ? '' : new Date(last).toLocaleTimeString();
  setText(byId('freshness'), age === undefined ? 'No figures yet.' : `As of ${time}, ${Math.round(age / 1000)} s ago`);
  const isOld = age === undefined ? fault !== undefined : age > OLD;
  byId('figures').classList.toggle('stale', isOld);
  byId('alert').hidden = !isOld;
  if (!isOld) return;
  const state = byId('state');
  state.className = 'badge bad';
  setText(state, 'no answer');
  const since = age === undefined ? 'What this page shows is empty.' : `What this page shows is of ${time}.`;
  setText(byId('alert'), `The gateway does not answer${fault ? ` (${fault})` : ''}. ${since} It is asked again every ${INTERVAL / 1000} s.`);
}

async function run() {
  for (;;) {
    // Nobody looks at a page that is hidden.
    if (!document.hidden) await refresh();
    await new Promise((resume) => setTimeout(resume, INTERVAL));
  }
}

document.addEventListener('visibilitychange', () => document.hidden || refresh());
setInterval(showAge, 1000);
listen();
run();
