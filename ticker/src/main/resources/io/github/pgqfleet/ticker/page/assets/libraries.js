// The libraries, in one place, since their paths have versions in them.
export {html, nothing, render} from '/webjars/lit-html/${lit-html.version}/lit-html.js';
export {repeat} from '/webjars/lit-html/${lit-html.version}/directives/repeat.js';
export {default as Plot} from '/webjars/uplot/${uplot.version}/dist/uPlot.esm.js';
