// The look of the status page: system fonts, light and dark, no file but the page itself.

export const pageStyle = `
:root { color-scheme: light dark; --ink: #17202a; --soft: #5c6b7a; --paper: #f5f7f9; --card: #fff;
  --line: #dde3e9; --accent: #0b6e69; --bar: #0f9d94; --track: #e4eaef; --warn: #b4540a;
  --good: #0b6e4f; --goodback: #dcf3e8; --idle: #4a5764; --idleback: #e8edf1;
  --move: #8a4b00; --moveback: #fdeccf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ecf1; --soft: #93a3b1; --paper: #10161b;
  --card: #182027; --line: #2a353f; --accent: #4fd1c5; --bar: #2aa79d; --track: #2a353f;
  --warn: #f0a45b; --good: #7fe0b4; --goodback: #12392b; --idle: #b3c0cb; --idleback: #27323b;
  --move: #f6c572; --moveback: #43310f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1.25rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 64rem; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; letter-spacing: -.02em; }
h1 span { color: var(--accent); }
header p { margin: 0; color: var(--soft); }
h2 { font-size: .8rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase;
  color: var(--soft); margin: 0 0 .75rem; }
h2 small { font-weight: 400; font-size: inherit; text-transform: none; letter-spacing: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.1rem 1.25rem; margin-bottom: 1rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: 1rem;
  background: none; border: 0; padding: 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: .9rem 1.25rem; }
.facts b { display: block; font-size: 1.45rem; font-weight: 600; line-height: 1.3; letter-spacing: -.01em; }
.facts span { color: var(--soft); font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem; padding: 0 .9rem .4rem 0; }
td { padding: .4rem .9rem .4rem 0; border-top: 1px solid var(--line); white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; }
code, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em; }
.state { display: inline-block; padding: .05rem .55rem; border-radius: 99px; font-size: .78rem;
  font-weight: 600; letter-spacing: .02em; color: var(--move); background: var(--moveback); }
.state.open { color: var(--good); background: var(--goodback); }
.state.rest { color: var(--idle); background: var(--idleback); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem; }
.columns section { margin: 0; }
.columns { margin-bottom: 1rem; }
.pool { display: grid; grid-template-columns: 8rem 1fr auto; gap: .75rem; align-items: center;
  padding: .2rem 0; }
.pool span:last-child { color: var(--soft); font-size: .85rem; min-width: 5.5rem; text-align: right; }
.track { position: relative; height: .5rem; border-radius: 99px; background: var(--track); overflow: hidden; }
.track i { position: absolute; inset: 0 auto 0 0; background: var(--bar); border-radius: 99px; }
.track u { position: absolute; top: 0; bottom: 0; width: 2px; background: var(--warn); }
dl { display: grid; grid-template-columns: 1fr auto; margin: 0; gap: .2rem 1rem; }
dd { margin: 0; text-align: right; }
dl.warn dd { color: var(--warn); font-weight: 600; }
.none { color: var(--soft); margin: 0; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--soft); }
details dl { margin-top: .6rem; color: var(--soft); }
a { color: var(--accent); }
footer { color: var(--soft); font-size: .85rem; }
`;
