/* Tables that can be filtered and sorted: every table inside .filterable. Without scripts they are plain tables. */
for (const place of document.querySelectorAll(".filterable")) {
  const table = place.querySelector("table")
  const body = table.tBodies[0]
  const rows = [...body.rows]
  const texts = rows.map((row) => row.textContent.toLowerCase())

  const box = document.createElement("input")
  box.type = "search"
  box.className = "table-filter"
  box.placeholder = "筛选 Filter"
  box.setAttribute("aria-label", box.placeholder)
  const count = document.createElement("span")
  count.className = "table-count"
  count.setAttribute("aria-live", "polite")
  place.prepend(box, count)

  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean)
    let shown = 0
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word))
      shown += row.hidden ? 0 : 1
    })
    count.textContent = `${shown} / ${rows.length}`
  }
  box.addEventListener("input", filter)
  filter()

  const order = new Intl.Collator("zh", { numeric: true })
  const headings = [...table.tHead.rows[0].cells]
  headings.forEach((heading, column) => {
    const button = document.createElement("button")
    button.type = "button"
    button.append(...heading.childNodes)
    heading.append(button)
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending"
      headings.forEach((other) => other.removeAttribute("aria-sort"))
      heading.setAttribute("aria-sort", down ? "descending" : "ascending")
      const text = (row) => row.cells[column].textContent.trim()
      const sorted = [...rows].sort((a, b) => order.compare(text(a), text(b)) * (down ? -1 : 1))
      sorted.sort((a, b) => !text(a) - !text(b)) // what is empty goes last, whichever way
      body.append(...sorted)
    })
  })
}
