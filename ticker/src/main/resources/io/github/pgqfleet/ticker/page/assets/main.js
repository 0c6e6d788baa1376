// What is asked for, and shown when: the overview, or one database.

import {showDeadLetters} from './deadletters.js';
import {showMovers, showNoDestination, showSummary, showWorkers} from './destination.js';
import {openDetail, showDetail} from './detail.js';
import {Feed} from './feed.js';
import {html, nothing, render} from './libraries.js';
import {addressOf, showOverview, showVerdict} from './overview.js';
import {Plots} from './plots.js';
import {clock} from './text.js';

const FLEET_EVERY = 3000;
const DATABASE_EVERY = 3000;
const DESTINATION_EVERY = 10_000;
const COUNT_EVERY = 1000;

const overview = document.querySelector('#overview');
const detail = document.querySelector('#detail');
const connection = document.querySelector('#connection');
const fleetPlots = new Plots(document.querySelector('#rates .plots'));
const detailPlots = new Plots(document.querySelector('#detail .plots'));

const fleet = new Feed('/fleet', FLEET_EVERY, showFleet);
let one;
let chosen;

const askFor = (id) => `/fleet/database?id=${encodeURIComponent(id)}`;

/** What somebody typed into the address may be no encoding of anything. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function route() {
  const match = location.hash.match(/^#\/database\/(.+)$/);
  const left = chosen;
  chosen = match ? decoded(match[1]) : undefined;
  one?.stop();
  one = undefined;
  overview.hidden = !!chosen;
  detail.hidden = !chosen;
  document.title = chosen ? `${chosen} – pgq-fleet` : 'pgq-fleet';
  if (chosen) {
    detailPlots.clear();
    openDetail(chosen);
    one = new Feed(askFor(chosen), DATABASE_EVERY, showOne);
  } else if (/^#\w+$/.test(location.hash)) {
    document.getElementById(location.hash.slice(1))?.focus(); // hidden until now
  } else if (left) {
    overview.querySelector(`a[href="${addressOf(left)}"]`)?.focus();
  }
  showFleet();
}

function showFleet() {
  const lost = fleet.failing !== undefined;
  document.body.classList.toggle('stale', lost);
  render(
    lost ? html`✕ Connection lost at ${clock(fleet.failing)}; trying again. (${fleet.failure})` : nothing,
    connection);
  if (!fleet.data || lost) {
    return; // What is shown stays as it was.
  }
  showVerdict(fleet.data);
  if (chosen) {
    return;
  }
  one ??= new Feed(askFor(fleet.data.destination), DESTINATION_EVERY, showOne);
  showOverview(fleet.data, showFleet);
  fleetPlots.show(fleet.data.rates);
}

function showOne() {
  const answer = one?.data?.answer ?? (one?.failure && {error: one.failure});
  if (!answer || !fleet.data) {
    return;
  }
  if (chosen) {
    showDetail(answer, fleet.data.databases.find((row) => row.id === chosen), fleet.data.late);
    if (one.data) {
      detailPlots.show(one.data.rates);
    }
  } else if (answer.error) {
    showNoDestination(answer.error);
  } else {
    showSummary(answer);
    showMovers(answer.movers);
    showWorkers(answer.workers, fleet.data.late);
    showDeadLetters(answer.dead_letters, fleet.data.replays, () => one?.ask());
  }
}

addEventListener('hashchange', route);
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosen) {
    location.hash = '#/';
  }
});
addEventListener('resize', () => {
  showFleet();
  showOne();
});
setInterval(() => document.hidden || showFleet(), COUNT_EVERY);
route();
