"""How a language writes days and times, where Django's own habit is not ours."""
