"""Lighthouse, as locked in package-lock.json: is the portal open to everybody, sound and quick?"""
