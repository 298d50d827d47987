// Before the first paint, so that nothing flashes; a file of its own, because the page allows no inline script.
(() => {
  try {
    const kept = JSON.parse(localStorage.getItem('eventsec.look') ?? '{}');
    if (kept.theme === 'dark' || kept.theme === 'light') document.documentElement.dataset.theme = kept.theme;
    if (kept.density === 'compact' || kept.density === 'comfortable') document.documentElement.dataset.density = kept.density;
  } catch {
    // What is kept there is for looks alone.
  }
})();
