"""Commands that check newsmon itself: doctor, verify, quarantine, and the checks that run before a start."""
