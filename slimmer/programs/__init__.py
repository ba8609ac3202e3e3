"""Programs that slim starts: each ends with slim, however that is, and all that it started."""
