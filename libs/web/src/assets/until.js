/* global document */
// Writes the last day of the retention beside its field while the number changes; without script it is that of the number sent.
const field = document.getElementById('retentionDays');
const until = document.getElementById('until');
const day = new Intl.DateTimeFormat('fr-FR', { timeZone: 'UTC', day: '2-digit', month: '2-digit', year: 'numeric' });

field?.addEventListener('input', () => {
  const days = Number(field.value);
  const isPossible = Number.isInteger(days) && days > 0 && days <= 365;
  const last = new Date(`${until.dataset.today}T00:00:00Z`);
  last.setUTCDate(last.getUTCDate() + days);
  until.textContent = isPossible ? `Jusqu’au ${day.format(last)}` : 'De 1 à 365 jours';
});
