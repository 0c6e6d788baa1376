// The dead letters, and their replay.

import {html, nothing, render, repeat} from './libraries.js';
import {count, counted, duration, number} from './text.js';

const body = document.querySelector('#dead .body');

const chosen = new Set();
let said = '';
let shown;

export function showDeadLetters(answer, replays, asked) {
  shown = {answer, replays, asked};
  if (answer === null) {
    render(html`<p>No worker has been provisioned here.</p>`, body);
    return;
  }
  const ids = new Set(answer.newest.map((letter) => letter.id));
  [...chosen].filter((id) => !ids.has(id)).forEach((id) => chosen.delete(id));
  render(
    html`
      <p class="said" role="status">${said}</p>
      ${answer.groups.length ? letters(answer, replays) : html`<p>✓ None.</p>`}`,
    body);
}

const again = () => showDeadLetters(shown.answer, shown.replays, shown.asked);

function letters(answer, replays) {
  const all = answer.groups.reduce((sum, group) => sum + group.number, 0);
  return html`
    <ul class="groups">${answer.groups.map((group) => html`
      <li><b>${counted(group.number, 'event')}</b> in ${group.queue}, of consumer ${group.consumer}</li>`)}</ul>
    ${replays ? form(answer.newest) : html`
      <p class="since">To replay from here, set <code>ticker.page.replay-token-env</code>; or
        <code>worker dead replay</code>.</p>`}
    <div class="scroll"><table class="list letters">
      <caption>${all > answer.newest.length ? `The newest ${number(answer.newest.length)}` : 'All of them'}</caption>
      <thead><tr>
        ${replays ? html`<td></td>` : nothing}
        <th scope="col">queue</th><th scope="col">event</th><th scope="col">attempts</th>
        <th scope="col">failed</th><th scope="col">error</th></tr></thead>
      <tbody>${repeat(answer.newest, (letter) => letter.id, (letter) => html`
        <tr>
          ${replays ? html`<td data-label="choose">${choice(`event ${letter.event} of ${letter.queue}`, [letter])}</td>` : nothing}
          <th scope="row">${letter.queue}</th>
          <td data-label="event">${letter.event} ${letter.type}</td>
          <td data-label="attempts">${letter.attempts}</td>
          <td data-label="failed">${duration(letter.age)} ago</td>
          <td class="error" data-label="error">${letter.error}</td>
        </tr>`)}</tbody>
    </table></div>`;
}

function choice(name, letters) {
  return html`<input type="checkbox" aria-label=${`choose ${name}`}
    .checked=${letters.length > 0 && letters.every((letter) => chosen.has(letter.id))}
    @change=${(event) => {
      letters.forEach((letter) =>
        event.target.checked ? chosen.add(letter.id) : chosen.delete(letter.id));
      again();
    }}>`;
}

function form(newest) {
  return html`
    <form class="replay" @submit=${replay}>
      <label>${choice('all', newest)} all</label>
      <label>Token <input type="password" name="token" autocomplete="off" required></label>
      <button ?disabled=${!chosen.size}>Replay ${count(chosen.size, 'chosen event')}</button>
    </form>`;
}

async function replay(event) {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch('/fleet/replay', {
      method: 'POST',
      headers: {Authorization: `Bearer ${form.elements.token.value}`},
      body: JSON.stringify({ids: [...chosen]}),
    });
    if (answer.ok) {
      const {chosen: number, replayed} = await answer.json();
      said = `✓ ${replayed} of ${number} replayed; they come again with a tick.`;
      chosen.clear();
      form.reset();
    } else {
      said = `✕ Not replayed: ${(await answer.text()).trim()}`;
    }
  } catch (e) {
    said = `✕ Not replayed: ${e.message}`;
  }
  again();
  shown.asked();
}
