"""Units, waves and groups side by side: tests, tiers, targets, merged units."""
