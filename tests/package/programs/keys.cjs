// The names in a module of Node's, and in the package's in its place.

const [, , own, ours] = process.argv;
console.log(JSON.stringify({ node: Object.keys(require(own)), ours: Object.keys(require(ours)) }));
