"""Fetch every page, parse it with `json.loads`, store nothing: the least that any reader does."""

import json
import sys

import requests

session = requests.Session()
target: str | None = f"{sys.argv[1]}/v3/applications?per_page=500"
while target:
    answer = session.get(target, timeout=60)
    json.loads(answer.content)
    target = answer.links.get("next", {}).get("url")
