// Picks a norm (click, Enter, or the address), shows its details and edges; filters table and picture.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const box = document.getElementById("filter");
  const count = document.getElementById("count");
  let picked = null;

  function pick(number) {
    picked = number;
    const near = new Set([number]);
    for (const edge of all(".edge")) {
      const { winner, loser } = edge.dataset;
      const on = number !== null && (winner === number || loser === number);
      edge.classList.toggle("on", on);
      if (on) { near.add(winner); near.add(loser); edge.parentNode.append(edge); }
    }
    for (const svg of all("svg.graph")) {
      svg.classList.toggle("picked", number !== null);
      for (const card of all(".norm", svg)) card.classList.toggle("on", number !== null && near.has(card.dataset.norm));
      const beaten = new Set(all(".edge.on", svg).map((edge) => edge.dataset.loser + edge.getAttribute("class").match(/r-\w+/)[0]));
      for (const why of all(".why", svg)) {
        why.classList.toggle("on", beaten.has(why.dataset.loser + why.getAttribute("class").match(/r-\w+/)[0]));
        why.parentNode.append(why);
      }
    }
    for (const one of all(".norm-detail")) one.classList.toggle("on", one.id === `norm-${number}`);
    for (const row of all("tbody tr")) row.classList.toggle("on", row.dataset.norm === number);
    const hint = document.getElementById("hint");
    hint.hidden = number !== null;
  }

  function filter() {
    const wanted = box.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of all("tbody tr")) {
      const text = row.textContent.toLocaleLowerCase();
      const fits = wanted.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
      for (const card of all(`.graph .norm[data-norm="${row.dataset.norm}"]`)) card.classList.toggle("out", !fits);
    }
    count.textContent = wanted.length ? `${shown} of ${all("tbody tr").length}` : "";
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#norm-"]');
    if (link) {
      event.preventDefault();
      const number = link.getAttribute("href").slice(6);
      pick(number === picked && link.closest("svg") ? null : number);
    } else if (event.target.closest(".close") || event.target.matches("svg.graph, .band")) {
      pick(null);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") pick(null);
    if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
  });
  box.addEventListener("input", filter);
  document.body.classList.add("live");
  if (location.hash.startsWith("#norm-")) pick(location.hash.slice(6));
})();
