"""How the page of a report looks: on screen in light and dark, and on paper."""

STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --ink: #1b1f24; --back: #fff;
        --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --back: #15181c; --link: #7cc0ff; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--back);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
a { color: var(--link); }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .8rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .8rem; padding-bottom: .25rem;
     border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .6rem; }
.kicker { margin: 0; opacity: .75; }
.verdict { display: flex; gap: .8rem; align-items: baseline; margin: 0; padding: .8rem 1rem;
           font-size: 1.1rem; background: var(--soft); border-left: .4rem solid;
           border-radius: .25rem; }
.sign { flex: none; width: 1.7em; height: 1.7em; line-height: 1.7em; text-align: center;
        color: #fff; border-radius: 50%; font-size: .9em; text-shadow: 0 0 3px #000a; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .6rem;
         margin: 0; }
.cards div { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .75rem; }
.cards dt { font-size: .85rem; opacity: .8; }
.cards dd { margin: 0; }
.cards strong { display: block; white-space: nowrap; font-size: 1.15rem;
                font-variant-numeric: tabular-nums; }
.cards small { opacity: .75; }
.wide { overflow-x: auto; }
.wide table { min-width: 46rem; }
.far, .stacked { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding: .3rem 0; opacity: .8; }
th, td { padding: .35em .7em; vertical-align: top; text-align: left;
         border-bottom: 1px solid var(--line); }
thead th { border-bottom-width: 2px; }
td { font-variant-numeric: tabular-nums; }
tbody th { font-weight: 600; }
.clips, .pictures { display: grid; gap: 1rem; grid-template-columns: repeat(2, 1fr); }
figure { margin: 0; }
.pictures figure { grid-column: 1 / -1; }
.pictures .half { grid-column: auto; }
img { display: block; max-width: 100%; height: auto; background: #fff; border-radius: .3rem; }
.pictures img { width: 100%; }
figcaption { font-size: .9rem; opacity: .85; padding: .25rem 0; }
audio { width: 100%; }
.clips figure:target { outline: 2px solid var(--link); outline-offset: .3rem; }
.note { opacity: .85; font-size: .9rem; margin: .4rem 0 1rem; }
sup { line-height: 0; }
summary { cursor: pointer; padding: .3rem 0; }
footer { margin-top: 2.4rem; font-size: .9rem; }
@media screen and (max-width: 58rem) {
  .stacked thead { display: none; }
  .stacked tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .stacked th, .stacked td { display: block; border: 0; padding: .1rem 0 !important;
                             text-align: left !important; white-space: normal !important; }
  .stacked td:empty { display: none; }
  .stacked td::before { content: attr(data-label) ": "; opacity: .75; }
}
@media (max-width: 45rem) {
  .clips, .pictures { grid-template-columns: minmax(0, 1fr); }
  .verdict { font-size: 1rem; }
  /* Letters in a picture stay large enough to read; it scrolls instead. */
  .far img { width: 46rem; max-width: none; }
}
@media print {
  :root { --ink: #000; --back: #fff; }
  main { max-width: none; padding: 0; }
  .wide, .far, .stacked { overflow: visible; }
  .wide table { min-width: 0; font-size: .75rem; }
  audio { display: none; }
  figure, tr, .cards div { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .verdict, .sign { print-color-adjust: exact; }
}
"""
