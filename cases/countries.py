"""The countries that the desk serves and what it offers in each; read from `data/countries.json`.

Facts come from the availability and number management pages of the Teams telephony documentation.
"""

import json
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import phonenumbers
from pydantic import BaseModel, ConfigDict

from cases.vocabulary import NumberType

REGIONS = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))
"""ISO codes of every country and region that has a numbering plan, served or not."""


class Offer(StrEnum):
    """Whether service numbers of a kind are to be had."""

    YES = "yes"
    NO = "no"
    ON_REQUEST = "on_request"
    NON_GEOGRAPHIC_ON_REQUEST = "non_geographic_on_request"


class LeadTime(BaseModel):
    """How long new numbers and ports take, as the documentation words it (`2-3 wk`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new: str
    port: str


class Papers(BaseModel):
    """Files that a country asks for, by occasion, as field ids."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    new: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    helpful: tuple[str, ...] = ()
    """Files that are taken if there are any, for new numbers and ports alike."""


class Country(BaseModel):
    """One country or region, and what the desk offers there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    iso: str
    """ISO 3166-1 alpha-2."""
    calling_plan: bool
    toll: Offer
    toll_free: Offer
    communications_credits: bool
    zones: tuple[str, ...]
    """IANA zones whose clocks differ today."""
    main_zone: str = ""
    """The zone of nearly everyone, where the others are islands."""
    number_regions: tuple[str, ...] = ()
    """Regions whose numbers are taken for this one; its own if not said."""
    partner: str = ""
    directory_listing: bool = False
    office_address: bool = False
    address_must_match_area_code: bool = False
    loa: tuple[str, ...] = ()
    kyc_form: bool = False
    papers: Papers = Papers()
    note: str = ""
    lead_time: LeadTime | None = None
    not_portable: tuple[str, ...] = ()
    port_window: str = ""
    block_size: int = 1
    """New numbers come in blocks of so many."""
    in_admin_center: bool = True
    """Whether new numbers may be had in the Teams admin centre."""
    custom_calling_name: bool = False
    mobile_port: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions, as phonenumbers knows them, whose numbers belong here."""
        return self.number_regions or (self.iso,)

    @property
    def default_zone(self) -> str:
        """The zone that holds unless another is chosen; empty where one must be chosen."""
        return self.zones[0] if len(self.zones) == 1 else self.main_zone

    @property
    def number_types(self) -> tuple[NumberType, ...]:
        """The types of new numbers that can be asked for here."""
        offered = {
            NumberType.USER: self.calling_plan,
            NumberType.SERVICE_TOLL: self.toll is not Offer.NO,
            NumberType.SERVICE_TOLL_FREE: self.toll_free is not Offer.NO,
        }
        return tuple(kind for kind, is_offered in offered.items() if is_offered)


@cache
def all_countries() -> MappingProxyType[str, Country]:
    """Return every country by its ISO code; raises pydantic's error if the data file is wrong."""
    text = files("cases.data").joinpath("countries.json").read_text("utf-8")
    countries = [Country.model_validate(entry) for entry in json.loads(text)]
    by_iso = {country.iso: country for country in countries}
    if len(by_iso) != len(countries):
        raise ValueError("countries.json names a country twice")
    return MappingProxyType(by_iso)
