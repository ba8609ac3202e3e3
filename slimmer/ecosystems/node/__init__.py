"""Node.js: modules, package.json and how one resolves the other."""
