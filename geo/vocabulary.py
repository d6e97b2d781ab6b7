"""Which words may stand in a column, an address, a file or a filter? The closed lists of the service.

The value of a member is the code stored everywhere; `title` is an English msgid, translated with the
vocabulary's name as gettext context (the same English word may need two Russian ones).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """One code of a closed list, with its title for people."""

    title_msgid: str

    def __new__(cls, code: str, title: str = "") -> Self:
        word = str.__new__(cls, code)
        word._value_ = code
        word.title_msgid = title
        return word

    @classmethod
    def context(cls) -> str:
        """The gettext context of this list: its name in the glossary."""
        return CONTEXTS[cls.__name__]

    @classmethod
    def codes(cls) -> tuple[str, ...]:
        """All codes in their meaningful order."""
        return tuple(word.value for word in cls)


class TerritoryKind(Word):
    """What kind of area a territory is."""

    COUNTRY = "country", "country"
    REGION = "region", "region"
    OBLAST = "oblast", "oblast"
    RAYON = "rayon", "rayon"
    MUNICIPALITY = "municipality", "municipality"
    SETTLEMENT = "settlement", "settlement"
    CIVIC_DISTRICT = "civic_district", "civic district"
    ELECTORAL_DISTRICT = "electoral_district", "electoral district"
    TOS_TERRITORY = "tos_territory", "TOS territory"
    MICRODISTRICT = "microdistrict", "microdistrict"
    BLOCK = "block", "block"
    STREET = "street", "street"
    HOUSE_GROUP = "house_group", "group of houses"
    BUILDING = "building", "building"
    ENTRANCE = "entrance", "entrance"


class FineKind(Word):
    """What can be counted in besides territories: cells of a grid that nobody decided on."""

    HEX_CELL = "hex_cell", "hexagon cell"


class MunicipalityForm(Word):
    """The legal form of a municipality."""

    MUNICIPAL_OKRUG = "municipal_okrug", "municipal okrug"
    URBAN_OKRUG = "urban_okrug", "urban okrug"
    MUNICIPAL_DISTRICT = "municipal_district", "municipal district"
    URBAN_SETTLEMENT = "urban_settlement", "urban settlement"
    RURAL_SETTLEMENT = "rural_settlement", "rural settlement"
    INNER_CITY_MUNICIPALITY = "inner_city_municipality", "inner-city municipality"
    AIYL_AIMAK = "aiyl_aimak", "aiyl aimak"
    CITY_MUNICIPALITY = "city_municipality", "city municipality"


class TosStatus(Word):
    """Whether a TOS acts; only `active` counts as present."""

    FOUNDING = "founding", "being founded"
    ACTIVE = "active", "active"
    SUSPENDED = "suspended", "suspended"
    DISSOLVED = "dissolved", "dissolved"


class TosLevel(Word):
    """The size of place a TOS was founded for."""

    ENTRANCE = "entrance", "entrance"
    BUILDING = "building", "building"
    HOUSE_GROUP = "house_group", "group of houses"
    MICRODISTRICT = "microdistrict", "microdistrict"
    VILLAGE = "village", "village"
    OTHER = "other", "other"


class BoundaryPrecision(Word):
    """How exactly a boundary was drawn."""

    SURVEYED = "surveyed", "surveyed"
    HOUSE_LIST = "house_list", "from a list of houses"
    WORDS = "words", "from a description in words"
    APPROXIMATE = "approximate", "approximate"


class PopulationBase(Word):
    """Who counts in a rate."""

    RESIDENTS = "residents", "residents"
    RESIDENTS_16 = "residents_16", "residents aged 16 and over"
    RESIDENTS_OVER_16 = "residents_over_16", "residents older than 16"
    VOTERS = "voters", "registered voters"


class OrganisationKind(Word):
    """What an organisation is."""

    TOS_BODY = "tos_body", "TOS body"
    NPO = "npo", "non-profit organisation"
    CLUB = "club", "club"
    MOVEMENT = "movement", "movement"
    INITIATIVE_GROUP = "initiative_group", "initiative group"
    CIVIC_ASSEMBLY = "civic_assembly", "civic assembly"
    CIVIC_COUNCIL = "civic_council", "civic council"
    BASE_ORGANISATION = "base_organisation", "base civic organisation"
    CONSORTIUM = "consortium", "programme consortium"
    MUNICIPAL_ASSOCIATION = "municipal_association", "association of municipalities"
    LOCAL_AUTHORITY = "local_authority", "local authority"
    REPRESENTATIVE_BODY = "representative_body", "representative body"
    AIYL_KENESH = "aiyl_kenesh", "aiyl kenesh"
    AIYL_OKMOTU = "aiyl_okmotu", "aiyl okmotu"
    COUNCIL_MEMBER = "council_member", "council member"
    VILLAGE_HEAD = "village_head", "village head"
    MONITORING_GROUP = "monitoring_group", "joint monitoring group"
    INSTITUTION = "institution", "public institution"
    BUSINESS = "business", "business"
    COMMITTEE = "committee", "committee"
    WORKING_GROUP = "working_group", "working group"
    ASSOCIATION = "association", "association"
    EXPERT = "expert", "expert"


class ModerationState(Word):
    """How far an entry is on its way to the public."""

    NEW = "new", "new"
    CHECKED = "checked", "checked"
    PUBLISHED = "published", "published"
    REFUSED = "refused", "refused"
    MERGED = "merged", "merged"


class ProjectStatus(Word):
    """The stage of a project; moves go down the list."""

    IDEA = "idea", "idea"
    DISCUSSED = "discussed", "discussed"
    APPLIED = "applied", "applied"
    SELECTED = "selected", "selected"
    PLANNED = "planned", "planned"
    IN_PROGRESS = "in_progress", "in progress"
    COMPLETED = "completed", "completed"
    REPORTED = "reported", "reported"
    NOT_SELECTED = "not_selected", "not selected"
    CANCELLED = "cancelled", "cancelled"


class NeedStatus(Word):
    """Whether a need is answered."""

    OPEN = "open", "open"
    PLANNED = "planned", "project planned"
    IN_PROGRESS = "in_progress", "being solved"
    ANSWERED = "answered", "answered"
    REJECTED = "rejected", "rejected"


class NeedPriority(Word):
    """How pressing a need is, most pressing first."""

    CRITICAL = "critical", "critical"
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"


class MatchLevel(Word):
    """How precisely an entry was placed."""

    POINT = "point", "point"
    HOUSE = "house", "house"
    HOUSE_GROUP = "house_group", "group of houses"
    INTERPOLATED = "interpolated", "between neighbouring houses"
    STREET = "street", "street"
    POI = "poi", "named object"
    AREA = "area", "area"
    SETTLEMENT = "settlement", "settlement"
    DISTRICT = "district", "district"
    NONE = "none", "no place"


class GeocodeStatus(Word):
    """What became of an address."""

    ACCEPTED = "accepted", "accepted"
    AMBIGUOUS = "ambiguous", "ambiguous"
    REVIEW = "review", "for review"
    UNMATCHED = "unmatched", "not found"
    MANUAL = "manual", "set by a person"


class Certainty(Word):
    """How certain the territory of a place is."""

    INSIDE = "inside", "inside"
    NEAR_BORDER = "near_border", "near a border"
    SEVERAL = "several", "in several"
    OUTSIDE = "outside", "outside"
    NO_POLYGON = "no_polygon", "boundary not loaded"
    STATED = "stated", "stated by the source"


class PublicPrecision(Word):
    """How exactly a place is shown to the public."""

    EXACT = "exact", "exact"
    STREET = "street", "to the street"
    HEXAGON = "hexagon", "to the hexagon cell"
    HIDDEN = "hidden", "not shown"


class ThemeGroup(Word):
    """Groups of themes."""

    PUBLIC_SPACE = "public_space", "public space"
    UTILITIES = "utilities", "utilities"
    CULTURE = "culture", "culture"
    ENVIRONMENT = "environment", "environment"
    SOCIAL = "social", "social support"
    HEALTH = "health", "public health"
    OTHER = "other", "other"


class EventKind(Word):
    """The form of a participation event."""

    FOUNDING_MEETING = "founding_meeting", "founding meeting"
    RESIDENTS_MEETING = "residents_meeting", "residents' meeting"
    CONFERENCE = "conference", "conference of delegates"
    SKHOD = "skhod", "skhod"
    PUBLIC_HEARING = "public_hearing", "public hearing"
    PUBLIC_DISCUSSION = "public_discussion", "public discussion"
    SURVEY = "survey", "survey"
    SIGNATURES = "signatures", "collection of signatures"
    ONLINE_VOTE = "online_vote", "online vote"
    BUDGET_HEARING = "budget_hearing", "budget hearing"
    WORKSHOP = "workshop", "workshop"
    FORUM = "forum", "forum"
    FLASH_MOB = "flash_mob", "flash mob"
    KURULTAI = "kurultai", "kurultai"
    IDEA_ROUND = "idea_round", "idea round"
    TRAINING = "training", "training"
    VOLUNTEER_DAY = "volunteer_day", "volunteer day"
    VOTE = "vote", "vote"


class Channel(Word):
    """How people took part."""

    FACE_TO_FACE = "face_to_face", "in person"
    ACTIVE_CITIZEN = "active_citizen", "Active Citizen"
    POS_GOSUSLUGI = "pos_gosuslugi", "POS Gosuslugi"
    VK = "vk", "VK"
    TELEGRAM = "telegram", "Telegram"
    VIBER = "viber", "Viber"
    WHATSAPP = "whatsapp", "WhatsApp"
    WEBSITE = "website", "website"
    PHONE = "phone", "phone"
    PAPER = "paper", "paper form"
    OTHER = "other", "other"


class CountQualifier(Word):
    """How exact a stated number is."""

    EXACT = "exact", "exactly"
    ABOUT = "about", "about"
    AT_LEAST = "at_least", "at least"
    ALMOST = "almost", "almost"


class ParticipationLevel(Word):
    """How far residents' word went."""

    INFORMED = "informed", "informed"
    CONSULTED = "consulted", "consulted"
    DECIDED_TOGETHER = "decided_together", "decided together"


class EventMode(Word):
    """Where an event took place."""

    IN_PERSON = "in_person", "in person"
    ONLINE = "online", "online"
    MIXED = "mixed", "mixed"


class DecisionForce(Word):
    """Whether a decision binds."""

    BINDING = "binding", "binding"
    RECOMMENDATION = "recommendation", "recommendation"


class ResourceKind(Word):
    """What is offered."""

    MONEY = "money", "money"
    PREMISES = "premises", "premises"
    LAND = "land", "land"
    EQUIPMENT = "equipment", "equipment"
    PEOPLE = "people", "people"
    EXPERTISE = "expertise", "expertise"


class FundingSource(Word):
    """Where money or its equivalent comes from."""

    FEDERAL = "federal", "federal budget"
    REGIONAL = "regional", "regional budget"
    MUNICIPAL = "municipal", "local budget"
    RESIDENTS = "residents", "residents"
    BUSINESS = "business", "businesses"
    GRANT = "grant", "grant"
    DONOR = "donor", "donor"
    IN_KIND = "in_kind", "in kind"
    LABOUR = "labour", "labour"
    OTHER = "other", "other"


class MissingReason(Word):
    """Why a value is missing."""

    NO_DATA = "no_data", "no data"
    NO_RESIDENTS = "no_residents", "no residents"
    NO_OBJECTS = "no_objects", "nothing to compute from"
    SUPPRESSED = "suppressed", "hidden: small number"
    NOT_ASSESSED = "not_assessed", "not assessed"
    SENSITIVE = "sensitive", "hidden: health or hardship"


class Theme(Word):
    """What an entry is about; each entry has one, `theme_group` follows from it."""

    LANDSCAPING = "landscaping", "landscaping and public space"
    PLAYGROUNDS_SPORTS_GROUNDS = "playgrounds_sports_grounds", "playgrounds and sports grounds"
    ROADS_SIDEWALKS = "roads_sidewalks", "roads and sidewalks"
    HOUSING_UTILITIES = "housing_utilities", "housing and utilities"
    WATER_SUPPLY = "water_supply", "water supply"
    STREET_LIGHTING = "street_lighting", "street lighting"
    FIRE_SAFETY = "fire_safety", "fire safety"
    MUNICIPAL_EQUIPMENT = "municipal_equipment", "municipal equipment"
    CULTURAL_HERITAGE = "cultural_heritage", "cultural heritage"
    CULTURE_LEISURE = "culture_leisure", "culture and leisure"
    ENVIRONMENT = "environment", "environment"
    SOCIAL_SUPPORT = "social_support", "social support"
    SPORT_PHYSICAL_CULTURE = "sport_physical_culture", "sport and physical culture"
    TOURISM_HEALTHY_LIFESTYLE = "tourism_healthy_lifestyle", "tourism and healthy lifestyle"
    PREVENTIVE_MEDICINE = "preventive_medicine", "preventive medicine"
    QUALITY_OF_LIFE = "quality_of_life", "quality of life"
    PSYCHOSOCIAL_WELLBEING = "psychosocial_wellbeing", "psychosocial wellbeing"
    HEALTHY_ENVIRONMENT = "healthy_environment", "health-preserving environment"
    REHABILITATION = "rehabilitation", "rehabilitation"
    DIGITAL_HEALTH = "digital_health", "digital health technologies"
    OTHER = "other", "other"


THEME_GROUPS: dict[Theme, ThemeGroup] = {
    Theme.LANDSCAPING: ThemeGroup.PUBLIC_SPACE,
    Theme.PLAYGROUNDS_SPORTS_GROUNDS: ThemeGroup.PUBLIC_SPACE,
    Theme.ROADS_SIDEWALKS: ThemeGroup.PUBLIC_SPACE,
    Theme.HOUSING_UTILITIES: ThemeGroup.UTILITIES,
    Theme.WATER_SUPPLY: ThemeGroup.UTILITIES,
    Theme.STREET_LIGHTING: ThemeGroup.UTILITIES,
    Theme.FIRE_SAFETY: ThemeGroup.UTILITIES,
    Theme.MUNICIPAL_EQUIPMENT: ThemeGroup.UTILITIES,
    Theme.CULTURAL_HERITAGE: ThemeGroup.CULTURE,
    Theme.CULTURE_LEISURE: ThemeGroup.CULTURE,
    Theme.ENVIRONMENT: ThemeGroup.ENVIRONMENT,
    Theme.SOCIAL_SUPPORT: ThemeGroup.SOCIAL,
    Theme.SPORT_PHYSICAL_CULTURE: ThemeGroup.HEALTH,
    Theme.TOURISM_HEALTHY_LIFESTYLE: ThemeGroup.HEALTH,
    Theme.PREVENTIVE_MEDICINE: ThemeGroup.HEALTH,
    Theme.QUALITY_OF_LIFE: ThemeGroup.HEALTH,
    Theme.PSYCHOSOCIAL_WELLBEING: ThemeGroup.HEALTH,
    Theme.HEALTHY_ENVIRONMENT: ThemeGroup.HEALTH,
    Theme.REHABILITATION: ThemeGroup.HEALTH,
    Theme.DIGITAL_HEALTH: ThemeGroup.HEALTH,
    Theme.OTHER: ThemeGroup.OTHER,
}

DONE_PROJECTS = (ProjectStatus.COMPLETED, ProjectStatus.REPORTED)
OPEN_NEEDS = (NeedStatus.OPEN, NeedStatus.PLANNED, NeedStatus.IN_PROGRESS)
PRIORITY_WEIGHTS = {NeedPriority.CRITICAL: 4, NeedPriority.HIGH: 3, NeedPriority.MEDIUM: 2, NeedPriority.LOW: 1}
DIGITAL_CHANNELS = (
    Channel.ACTIVE_CITIZEN,
    Channel.POS_GOSUSLUGI,
    Channel.VK,
    Channel.TELEGRAM,
    Channel.VIBER,
    Channel.WHATSAPP,
    Channel.WEBSITE,
)
# wide enough to count in what residents ask for and take part in because of health or hardship
WIDE_KINDS = (
    TerritoryKind.COUNTRY, TerritoryKind.REGION, TerritoryKind.OBLAST, TerritoryKind.RAYON, TerritoryKind.MUNICIPALITY,
    TerritoryKind.SETTLEMENT, TerritoryKind.CIVIC_DISTRICT, TerritoryKind.ELECTORAL_DISTRICT,
)  # fmt: skip
# kept apart from money and never added to it
NOT_MONEY = (FundingSource.IN_KIND, FundingSource.LABOUR)

VOCABULARIES: tuple[type[Word], ...] = (
    TerritoryKind,
    MunicipalityForm,
    TosStatus,
    TosLevel,
    BoundaryPrecision,
    PopulationBase,
    OrganisationKind,
    ModerationState,
    ProjectStatus,
    NeedStatus,
    NeedPriority,
    MatchLevel,
    GeocodeStatus,
    Certainty,
    PublicPrecision,
    ThemeGroup,
    EventKind,
    Channel,
    CountQualifier,
    ParticipationLevel,
    EventMode,
    DecisionForce,
    ResourceKind,
    FundingSource,
    MissingReason,
    Theme,
)

CONTEXTS: dict[str, str] = {
    "TerritoryKind": "territory_kind",
    "FineKind": "fine_kind",
    "MunicipalityForm": "municipality_form",
    "TosStatus": "tos_status",
    "TosLevel": "tos_level",
    "BoundaryPrecision": "boundary_precision",
    "PopulationBase": "base",
    "OrganisationKind": "organisation_kind",
    "ModerationState": "moderation_state",
    "ProjectStatus": "project_status",
    "NeedStatus": "need_status",
    "NeedPriority": "need_priority",
    "MatchLevel": "match_level",
    "GeocodeStatus": "geocode_status",
    "Certainty": "certainty",
    "PublicPrecision": "public_precision",
    "ThemeGroup": "theme_group",
    "EventKind": "event_kind",
    "Channel": "channel",
    "CountQualifier": "count_qualifier",
    "ParticipationLevel": "participation_level",
    "EventMode": "event_mode",
    "DecisionForce": "decision_force",
    "ResourceKind": "resource_kind",
    "FundingSource": "funding_source",
    "MissingReason": "missing_reason",
    "Theme": "theme",
}
