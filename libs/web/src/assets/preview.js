/* global document, clearTimeout */
// Shows in the frame what a form's text becomes, a moment after it was typed; without script the button « Aperçu » does it.
const form = document.querySelector('form[data-preview]');
const button = form?.querySelector('button[formtarget]');
const PAUSE = 400;
let waiting;

// A frame that is new leaves nothing in the browser's history; the old one stays in sight until it has loaded.
function show() {
  const old = document.querySelector(`iframe[name="${button.formTarget}"]`);
  const next = old.cloneNode();
  next.removeAttribute('src');
  next.classList.add('coming');
  old.name = '';
  old.after(next);
  next.addEventListener('load', () => {
    next.classList.remove('coming');
    old.remove();
  });
  form.requestSubmit(button);
}

form?.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
});
if (form && !document.querySelector('iframe.preview[src]')) show();
