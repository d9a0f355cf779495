/* global document, window */
// Counts the ticked rows (« 12 sur 50 »), ticks all of them at once, and prints. Without script the boxes and buttons work all the same.
const boxes = () => [...document.querySelectorAll('input[data-row]')];

function count() {
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const words = document.getElementById('ticked');
  if (words) words.textContent = `${ticked} sur ${all.length}`;
  const whole = document.getElementById('all');
  if (!whole) return;
  whole.hidden = false;
  whole.checked = ticked > 0 && ticked === all.length;
  whole.indeterminate = ticked > 0 && ticked < all.length;
}

document.addEventListener('change', ({ target }) => {
  if (target.id === 'all') for (const box of boxes()) box.checked = target.checked;
  if (target.type === 'checkbox') count();
});
document.addEventListener('click', ({ target }) => {
  if (target.id === 'print') window.print();
});
const show = () => {
  const print = document.getElementById('print');
  if (print) print.hidden = false;
  count();
};
// The list comes anew when a letter has changed.
document.addEventListener('htmx:after:swap', show);
show();
