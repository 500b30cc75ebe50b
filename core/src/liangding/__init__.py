"""Liangding (两定): connects hospital and pharmacy software to China's medical-insurance platform."""

__version__ = "0.1.0"
