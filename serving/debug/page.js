// The page works without this script; with it the PIN needs no new page.
const part = document.querySelector('#private');
const remembered = 'retort-debugger';

async function reveal() {
  const answer = await fetch('/__retort__/fault/' + part.dataset.fault + '?part=private', {credentials: 'same-origin'});
  if (!answer.ok) return false;
  part.innerHTML = await answer.text(); // escaped by the server; the policy of the page lets no script of it run
  part.dataset.open = '';
  return true;
}

async function remember(yes) {
  try { yes ? localStorage.setItem(remembered, '1') : localStorage.removeItem(remembered); } catch { /* no storage */ }
}

function isRemembered() {
  try { return localStorage.getItem(remembered) === '1'; } catch { return false; }
}

function say(text) {
  part.querySelector('.said').textContent = text;
}

part.addEventListener('submit', async event => {
  event.preventDefault();
  const form = event.target, button = form.querySelector('button'), input = form.pin;
  button.disabled = button.ariaBusy = true;
  say('');
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({pin: input.value}),
    });
    const verdict = await answer.json();
    if (verdict.auth) {
      remember(true);
      if (await reveal()) part.querySelector('summary')?.focus({preventScroll: true});
      else say('The PIN is right, but this failure is no longer kept. Send the request again.');
    } else {
      say(verdict.message);
      input.select();
      if (verdict.exhausted) input.disabled = true;
    }
    button.disabled = Boolean(verdict.exhausted);
  } catch {
    say('The program does not answer.');
    button.disabled = false;
  }
  button.ariaBusy = null;
});

if (!('open' in part.dataset) && isRemembered()) reveal().then(ok => ok || remember(false), () => {});

const unfold = document.querySelector('[data-unfold]');
unfold.addEventListener('click', () => {
  const all = [...document.querySelectorAll('#stack details')];
  const open = all.some(d => !d.open);
  for (const d of all) d.open = open;
  unfold.textContent = open ? 'Fold all' : 'Unfold all';
});
