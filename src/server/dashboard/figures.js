// What the metrics say: read from Prometheus's text format, kept for a few minutes, and turned into rates and quantiles.

/** How long snapshots are kept, in milliseconds: as far as the trend goes back. */
const KEPT = 300_000;

/** Over how long rates are taken, and quantiles. */
const OF_RATES = 10_000;
const OF_QUANTILES = 60_000;

const UNESCAPED = { n: '\n', '"': '"', '\\': '\\' };

/** Every sample of a text, by the name of its series: `{ labels, value }`. */
export function parse(text) {
  const families = new Map();
  for (const line of text.split('\n')) {
    const found = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) continue; // A comment, or the end.
    const [, name, written, value] = found;
    const labels = {};
    for (const [, label, text] of (written ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[label] = text.replace(/\\(.)/g, (whole, character) => UNESCAPED[character] ?? whole);
    }
    if (!families.has(name)) families.set(name, []);
    families.get(name).push({ labels, value: value === '+Inf' ? Infinity : Number(value) });
  }
  return families;
}

/** The sum of the samples of a series that have these labels. */
export function total(families, name, labels = {}) {
  let sum = 0;
  for (const sample of chosen(families, name, labels)) sum += sample.value;
  return sum;
}

/** The same by the values of one label. */
export function totalBy(families, name, label, labels = {}) {
  const sums = new Map();
  for (const { labels: own, value } of chosen(families, name, labels)) {
    sums.set(own[label], (sums.get(own[label]) ?? 0) + value);
  }
  return sums;
}

function chosen(families, name, labels) {
  const wanted = Object.entries(labels);
  return (families.get(name) ?? []).filter(({ labels: own }) => wanted.every(([key, value]) => own[key] === value));
}

/** The snapshots of the last minutes, the oldest first. */
export class History {
  #snapshots = [];

  /** Adds what was read at a time, in milliseconds. A gateway that counts from 0 again was started again: nothing before holds. */
  add(at, families) {
    const requests = total(families, 'anomaly_gateway_requests_total');
    if (this.#snapshots.at(-1)?.requests > requests) this.#snapshots = [];
    this.#snapshots.push({ at, families, requests });
    while (this.#snapshots[0].at < at - KEPT) this.#snapshots.shift();
  }

  get newest() {
    return this.#snapshots.at(-1);
  }

  /** The snapshot that so many milliseconds ago is compared with: one of then, or the oldest there is. */
  #before(span) {
    const since = this.newest.at - span;
    const within = this.#snapshots.find(({ at }) => at >= since);
    return within === this.newest ? this.#snapshots.at(-2) : within;
  }

  /** How much a series grows in a second, over the last ten of them; nothing before there are two snapshots. */
  rate(name, labels) {
    const before = this.#before(OF_RATES);
    if (!before) return undefined;
    const seconds = (this.newest.at - before.at) / 1000;
    return (total(this.newest.families, name, labels) - total(before.families, name, labels)) / seconds;
  }

  /** Quantiles of a histogram over the last minute, in its own unit; nothing where there was nothing to measure. */
  quantiles(name, quantiles, labels) {
    const before = this.#before(OF_QUANTILES);
    const counts = [...totalBy(this.newest.families, `${name}_bucket`, 'le', labels)];
    const earlier = before ? totalBy(before.families, `${name}_bucket`, 'le', labels) : new Map();
    const buckets = counts
      .map(([bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count: count - (earlier.get(bound) ?? 0) }))
      .sort((one, other) => one.bound - other.bound);
    const all = buckets.at(-1)?.count ?? 0;
    return quantiles.map((quantile) => (all > 0 ? within(buckets, quantile * all) : undefined));
  }

  /** Requests a second from snapshot to snapshot, and the time that they are of: a minute at least. */
  trend() {
    const points = [];
    for (const [place, { at, requests }] of this.#snapshots.entries()) {
      const before = this.#snapshots[place - 1];
      if (before) points.push({ at, value: ((requests - before.requests) * 1000) / (at - before.at) });
    }
    const { at } = this.newest;
    return { points, from: Math.min(this.#snapshots[0].at, at - OF_QUANTILES), to: at };
  }
}

/** Where a rank is in cumulative buckets, as Prometheus takes it: evenly within its bucket. */
function within(buckets, rank) {
  let [lower, below] = [0, 0];
  for (const { bound, count } of buckets) {
    if (count >= rank) {
      if (bound === Infinity) return lower;
      return lower + ((bound - lower) * (rank - below)) / (count - below);
    }
    [lower, below] = [bound, count];
  }
  return lower;
}
