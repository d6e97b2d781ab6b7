"""What would a real city look like in Okruga? An invented one: river, streets, districts, ТОС, people and their cares.

`python -m geo.demo.city --seed N --out DIR` writes it; the same seed gives the same files, another seed another
valid city. The files of COMMITTED_SEED stand in data/boundaries/city. Nothing in it is real: not the city, not its
districts, figures or organisations; no person is named, only seats and roles.

The stages, one file each: river -> streets (skeleton) -> land (uses, blocks) -> villages -> people -> districts ->
quarters -> houses (street names, addresses, public objects) -> tos -> places -> needs, projects, events,
organisations -> gazetteer, write. `world` joins them, `picture` draws them, `titles` and `names` hold the words.
"""

COMMITTED_SEED = 1
