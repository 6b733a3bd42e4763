"""Logistics: parcels, exceptions, dispatch clock, freight bills, claims and capacity."""
