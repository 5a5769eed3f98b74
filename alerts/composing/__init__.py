"""Public texts of an alert, composed in English, Spanish (Mexico) and French (Canada) from the same coded facts."""
