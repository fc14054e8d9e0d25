// Draws what /status.json tells, each second: rates and latencies are differences between samples.
'use strict';

const WINDOW = 60; // Samples that are kept, and so seconds that are shown.
const SETTLED = 10; // Seconds that the figures of "now" look back.
const SVG = 'http://www.w3.org/2000/svg';

const history = [];
const byId = (id) => document.getElementById(id);

// A sample, indexed: sum('name', {label: value}) adds up what matches.
class Sample {
  constructor(status) {
    this.status = status;
    this.time = status.time;
  }
  series(name, labels = {}) {
    const wanted = Object.entries(labels);
    return (this.status.metrics[name] ?? []).filter((each) =>
      wanted.every(([label, value]) => each.labels[label] === value));
  }
  sum(name, labels) {
    return this.series(name, labels).reduce((sum, each) => sum + each.value, 0);
  }
  values(name, label) {
    return [...new Set(this.series(name).map((each) => each.labels[label]))].sort();
  }
  calls(labels) {
    return this.sum('grpc_server_handled_total', labels);
  }
  failed(labels = {}) {
    return this.calls(labels) - this.calls({ ...labels, grpc_code: 'OK' });
  }
  // {count, sum, buckets: [[bound, count], …]} of all that match.
  histogram(name, labels) {
    const total = { count: 0, sum: 0, buckets: [] };
    for (const each of this.series(name, labels)) {
      total.count += each.count;
      total.sum += each.sum;
      each.buckets.forEach(([bound, count], i) => {
        total.buckets[i] = [bound, count + (total.buckets[i]?.[1] ?? 0)];
      });
    }
    return total;
  }
}

// The sample of so many seconds before the last one, or the oldest.
function before(seconds) {
  return history[Math.max(0, history.length - 1 - seconds)];
}

function rate(now, then, count) {
  return now.time > then.time ? (count(now) - count(then)) / (now.time - then.time) : 0;
}

// What was observed between two samples.
function observed(now, then, name, labels) {
  const [late, early] = [now.histogram(name, labels), then.histogram(name, labels)];
  return {
    count: late.count - early.count,
    sum: late.sum - early.sum,
    buckets: late.buckets.map(([bound, count], i) => [bound, count - (early.buckets[i]?.[1] ?? 0)]),
  };
}

// By linear interpolation within a bucket, as Prometheus does it. Null: nothing was observed.
function quantile({ count, buckets }, q) {
  if (!(count > 0)) return null;
  let [lower, below] = [0, 0];
  for (const [bound, upTo] of buckets) {
    if (upTo >= q * count) {
      return bound === null ? lower : lower + (bound - lower) * (q * count - below) / (upTo - below);
    }
    [lower, below] = [bound ?? lower, upTo];
  }
  return lower;
}

const format = {
  rate: (value) => value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 1 : 0),
  count: (value) => Math.round(value).toLocaleString('en'),
  percent: (part, whole) => {
    if (!(whole > 0)) return '–';
    const percent = 100 * part / whole;
    return percent === 0 ? '0 %' : percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
  },
  time: (seconds) => {
    if (seconds === null) return '–';
    if (seconds >= 1) return `${seconds.toFixed(1)} s`;
    const ms = seconds * 1000;
    return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  },
  bytes: (value) => {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    let i = 0;
    for (; value >= 1024 && i < units.length - 1; i++) value /= 1024;
    return `${value.toFixed(value < 10 && i > 0 ? 1 : 0)} ${units[i]}`;
  },
  duration: (seconds) => {
    const [d, h, m, s] = [seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(Math.floor);
    if (d > 0) return `${d} d ${h} h`;
    return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${s} s`;
  },
};

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Points come from the right, a second each; the newest is at the right edge.
function drawSpark(svg, values) {
  if (!svg.firstChild) {
    svg.setAttribute('viewBox', `0 0 ${WINDOW - 1} 100`);
    svg.setAttribute('preserveAspectRatio', 'none');
    for (const name of ['area', 'line']) {
      svg.append(document.createElementNS(SVG, 'path'));
      svg.lastChild.setAttribute('class', name);
    }
  }
  const most = Math.max(...values, 1e-9);
  const first = WINDOW - values.length;
  const line = values.map((value, i) =>
    `${i ? 'L' : 'M'}${first + i} ${(98 - 94 * Math.max(0, value) / most).toFixed(1)}`).join('');
  svg.lastChild.setAttribute('d', line);
  svg.firstChild.setAttribute('d', values.length ? `${line}L${WINDOW - 1} 100L${first} 100Z` : '');
}

// Of each second, what `value` says of its sample and the one before.
function trend(value) {
  return history.slice(1).map((now, i) => value(now, history[i]));
}

// Keeps as many rows as there are keys; each cell is text, or [text, class].
function fillTable(id, rows) {
  const body = byId(id).tBodies[0];
  rows.forEach((cells, r) => {
    const row = body.rows[r] ?? body.insertRow();
    cells.forEach((cell, c) => {
      const td = row.cells[c] ?? row.insertCell();
      const [text, kind] = Array.isArray(cell) ? cell : [cell, ''];
      if (kind === 'trend') {
        if (!td.firstChild) {
          td.append(document.createElementNS(SVG, 'svg'));
          td.firstChild.setAttribute('class', 'spark');
          td.firstChild.setAttribute('aria-hidden', 'true');
        }
        drawSpark(td.firstChild, text);
      } else {
        setText(td, text);
        td.title = text;
      }
      td.className = kind;
    });
  });
  while (body.rows.length > rows.length) body.deleteRow(-1);
}

const alarmIf = (alarming, text) => [text, alarming ? 'alarm' : ''];
const softIfZero = (value) => [format.count(value), value === 0 ? 'zero' : ''];

function drawTiles(now) {
  const then = before(SETTLED);
  const minute = observed(now, before(WINDOW), 'grpc_server_handling_seconds');
  const [calls, failed] = [now.calls() - then.calls(), now.failed() - then.failed()];
  setText(byId('calls'), format.rate(rate(now, then, (s) => s.calls())));
  setText(byId('failed'), calls > 0 ? format.percent(failed, calls) : '0 %');
  setText(byId('p99'), format.time(quantile(minute, 0.99)));
  setText(byId('p50'), format.time(quantile(minute, 0.5)));
  setText(byId('in-flight'), format.count(now.sum('docspace_calls_in_flight')));
  setText(byId('in-flight-limit'), format.count(now.sum('docspace_calls_in_flight_limit')));
  drawSpark(byId('calls-spark'), trend((s, t) => rate(s, t, (x) => x.calls())));
  drawSpark(byId('failed-spark'), trend((s, t) => rate(s, t, (x) => x.failed())));
  drawSpark(byId('latency-spark'), trend((s, t) => {
    const { count, sum } = observed(s, t, 'grpc_server_handling_seconds');
    return count > 0 ? sum / count : 0;
  }));
  drawSpark(byId('in-flight-spark'), history.map((s) => s.sum('docspace_calls_in_flight')));
}

function drawMethods(now) {
  const then = before(WINDOW);
  fillTable('methods', now.values('grpc_server_started_total', 'grpc_method').map((method) => {
    const of = { grpc_method: method };
    const whole = observed(now, then, 'grpc_server_handling_seconds', of);
    const portal = observed(now, then, 'docspace_upstream_request_seconds', of);
    const [calls, failed] = [now.calls(of) - then.calls(of), now.failed(of) - then.failed(of)];
    return [
      method,
      format.rate(rate(now, before(SETTLED), (s) => s.calls(of))),
      [trend((s, t) => rate(s, t, (x) => x.calls(of))), 'trend'],
      alarmIf(failed > 0, format.percent(failed, calls)),
      format.time(quantile(whole, 0.5)),
      format.time(quantile(whole, 0.99)),
      format.percent(portal.sum, whole.sum),
      softIfZero(now.calls(of)),
    ];
  }));
}

function drawPortals(now) {
  fillTable('portals', now.values('docspace_calls_in_flight', 'portal').map((portal) => {
    const of = (name, labels = {}) => now.sum(`docspace_${name}`, { portal, ...labels });
    const [created, reused] = [of('pool_connections_created_total'), of('pool_connections_reused_total')];
    const open = of('circuit_breakers_open');
    const shed = of('calls_shed_total');
    return [
      portal,
      open > 0 ? [`open ×${open}`, 'alarm'] : ['closed', 'fine'],
      `${format.count(of('calls_in_flight'))} / ${format.count(of('calls_in_flight_limit'))}`,
      format.count(of('pool_connections', { state: 'open' })),
      format.count(of('pool_connections', { state: 'idle' })),
      format.percent(reused, created + reused),
      softIfZero(of('upstream_retries_total')),
      format.count(of('retry_budget_available')),
      shed > 0 ? [format.count(shed), 'alarm'] : ['0', 'zero'],
    ];
  }));
}

function drawReasons(now) {
  const counts = new Map();
  for (const each of now.series('grpc_server_handled_total')) {
    const { grpc_code: code, reason } = each.labels;
    if (code === 'OK' || each.value === 0) continue;
    counts.set(reason || code, (counts.get(reason || code) ?? 0) + each.value);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const list = byId('reasons');
  sorted.forEach(([reason, count], i) => {
    let item = list.children[i];
    if (!item?.querySelector('meter')) {
      item?.remove();
      item = document.createElement('li');
      item.append(document.createElement('span'), document.createElement('span'), document.createElement('meter'));
      list.insertBefore(item, list.children[i] ?? null);
    }
    setText(item.children[0], reason);
    item.children[0].title = reason;
    setText(item.children[1], format.count(count));
    item.children[2].value = count / sorted[0][1];
    item.children[2].setAttribute('aria-hidden', 'true');
  });
  while (list.children.length > Math.max(sorted.length, 1)) list.lastChild.remove();
  if (sorted.length === 0 && list.children.length === 0) {
    list.append(document.createElement('li'));
    list.lastChild.className = 'none';
    list.lastChild.textContent = 'none so far';
  }
}

function drawErrors(now) {
  fillTable('errors', now.status.errors.map((error) => [
    new Date(error.time * 1000).toLocaleTimeString('en-GB'),
    error.method,
    error.code,
    error.reason,
    error.http_status === 0 ? '' : String(error.http_status),
    error.request_id,
  ]));
}

function drawProcess(now) {
  const then = before(SETTLED);
  const expiry = (use) => {
    const [certificate] = now.series('docspace_certificate_expiry_timestamp_seconds', { use });
    if (!certificate) return 'none';
    const left = certificate.value - now.time;
    return left > 0 ? `expires in ${format.duration(left)}` : 'expired';
  };
  const facts = {
    cpu: `${(100 * rate(now, then, (s) => s.sum('process_cpu_seconds_total'))).toFixed(0)} % of a core`,
    memory: format.bytes(now.sum('process_resident_memory_bytes')),
    buffered: `${format.bytes(now.sum('docspace_buffered_bytes'))} of ${format.bytes(now.sum('docspace_buffered_bytes_limit'))}`,
    descriptors: `${format.count(now.sum('process_open_fds'))} of ${format.count(now.sum('process_max_fds'))}`,
    turn: `${Math.max(0, ...now.series('docspace_event_loop_last_turn_age_seconds').map((loop) => loop.value)).toFixed(1)} s ago`,
    dropped: format.count(now.sum('docspace_log_lines_dropped_total')),
    threads: format.count(now.sum('process_threads')),
    callers: expiry('callers'),
    portal: expiry('portal'),
  };
  for (const [name, text] of Object.entries(facts)) {
    setText(document.querySelector(`[data-fact="${name}"]`), text);
  }
}

function drawState(text, kind) {
  setText(byId('state'), text);
  byId('state').className = `pill ${kind}`;
}

function draw(now) {
  const ready = now.sum('docspace_gateway_ready') === 1;
  drawState(ready ? 'ready' : 'not ready', ready ? 'good' : 'bad');
  setText(byId('version'), now.status.version);
  setText(byId('uptime'), format.duration(Math.max(0, now.time - now.sum('process_start_time_seconds'))));
  for (const part of [drawTiles, drawMethods, drawPortals, drawReasons, drawErrors, drawProcess]) part(now);
}

async function poll() {
  try {
    const answer = await fetch('/status.json', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const now = new Sample(await answer.json());
    // A gateway that was started anew counts from 0.
    if (history.length > 0 && now.calls() < history.at(-1).calls()) history.length = 0;
    history.push(now);
    if (history.length > WINDOW + 1) history.shift();
    draw(now);
  } catch {
    drawState('no answer', 'bad');
  }
  setTimeout(poll, 1000);
}

poll();
