/* global document, navigator, clearTimeout */
// Shows in the frame what a form's text becomes, a moment after it was typed; without script the button « Aperçu » does it.
const form = document.querySelector('form[data-preview]');
const button = form?.querySelector('button[formtarget]');
const PAUSE = 400;
let waiting;
// A browser that shows PDFs in its pages shows a letter as it is printed; a frame that is closed off could not.
const pdf = navigator.pdfViewerEnabled ? button?.dataset.pdf : undefined;
if (pdf) button.formAction = pdf;

// A frame that is new leaves nothing in the browser's history; it has a name of its own, for the old one stays in sight until it has loaded.
let count = 0;
function show() {
  const old = document.querySelector('iframe.preview:not(.coming)');
  for (const late of document.querySelectorAll('iframe.coming')) late.remove();
  const next = old.cloneNode();
  next.removeAttribute('src');
  if (pdf) next.removeAttribute('sandbox');
  next.name = `apercu-${++count}`;
  next.classList.add('coming');
  old.after(next);
  next.addEventListener('load', () => {
    next.classList.remove('coming');
    old.remove();
  });
  button.formTarget = next.name;
  form.requestSubmit(button);
}

form?.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
});
if (form && (pdf || !document.querySelector('iframe.preview[src]'))) show();
