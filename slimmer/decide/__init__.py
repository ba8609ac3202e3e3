"""From a question to a decision: rules, rescues, links."""
