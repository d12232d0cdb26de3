// Filters the steps, goes from step to step by keys, lights the norms of the step that is open.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const steps = all(".step");
  const box = document.getElementById("filter");
  const plain = document.getElementById("plain");
  const count = document.getElementById("count");
  const nameOf = new Map(all("#graph .norm").map((card) => [card.dataset.norm, card.querySelector("title").textContent.split(" ")[0]]));

  function filter() {
    const wanted = box.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(all('input[name="verdict"]:checked').map((one) => one.value));
    let shown = 0;
    for (const step of steps) {
      const text = (step.textContent + " " + step.dataset.norms + " " + step.closest(".talk").dataset.name).toLocaleLowerCase();
      const fits = verdicts.has(step.dataset.verdict) && wanted.every((word) => text.includes(word))
        && (plain.checked || step.dataset.verdict !== "allow" || step.dataset.norms !== "");
      step.hidden = !fits;
      shown += fits;
    }
    for (const talk of all(".talk")) talk.hidden = !talk.querySelector(".step:not([hidden])");
    count.textContent = shown === steps.length ? "" : `${shown} of ${steps.length}`;
  }

  function light() {
    const open = all(".step:has(details[open])");
    const names = new Set(open.flatMap((step) => step.dataset.norms.split(" ")).filter(Boolean));
    const short = (number) => (nameOf.get(number) || "").split("::").pop();
    for (const svg of all("#graph svg")) {
      svg.classList.toggle("picked", names.size > 0);
      for (const card of all(".norm", svg)) card.classList.toggle("on", names.has(short(card.dataset.norm)));
      for (const edge of all(".edge", svg)) {
        edge.classList.toggle("on", names.has(short(edge.dataset.winner)) && names.has(short(edge.dataset.loser)));
      }
    }
  }

  function go(by) {
    const shown = steps.filter((step) => !step.hidden);
    const at = shown.indexOf(document.activeElement.closest(".step"));
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next) next.querySelector("summary").focus();
  }

  document.addEventListener("toggle", light, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const goal = link && document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
    if (goal) for (const around of [goal.closest("li details, section details"), goal.querySelector("details")]) if (around) around.open = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") { event.preventDefault(); box.focus(); }
    if (event.key === "j") go(1);
    if (event.key === "k") go(-1);
  });
  box.addEventListener("input", filter);
  for (const one of all('.tools input[type="checkbox"]')) one.addEventListener("change", filter);
  document.body.classList.add("live");
})();
