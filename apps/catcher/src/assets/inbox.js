/* global document, fetch, location, DOMParser, EventSource */
// Keeps the open inbox up to date: the server announces a new message, the list is fetched again and put in place.
const list = document.getElementById('inbox');
let fetching = Promise.resolve();

async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('inbox');
  const focused = document.activeElement?.getAttribute('data-message');
  if (!fresh || fresh.innerHTML === list.innerHTML) return;
  list.replaceChildren(...fresh.childNodes);
  if (focused) list.querySelector(`[data-message="${focused}"]`)?.focus({ preventScroll: true });
}

// One fetch at a time; a failed one is made good by the next announcement.
const enqueue = () => {
  fetching = fetching.then(refresh).catch(() => undefined);
};

const changes = new EventSource('/changes');
changes.addEventListener('message', enqueue);
// Also after the server was away: what came in between was not announced.
changes.addEventListener('open', enqueue);
