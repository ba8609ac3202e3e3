"""ELF: headers, dynamic section, layout, and a stripper that checks itself."""
