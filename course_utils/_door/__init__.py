"""Behind `python3 -m course_utils`: the verbs, with nothing but Python until all is installed."""
