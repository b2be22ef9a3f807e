// Ordering by drag, for pages that ask for it: the core of SortableJS with scrolling at the edges, as the global `Sortable`.
import { Sortable, AutoScroll } from "sortablejs/modular/sortable.core.esm.js";

Sortable.mount(new AutoScroll());
window.Sortable = Sortable;
